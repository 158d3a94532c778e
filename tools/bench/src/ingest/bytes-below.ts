import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the files below a folder, which may be none, and of which some may go meanwhile. */
export function bytesBelow(folder: string): number {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
      (sum, entry) =>
        entry.isFile()
          ? sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0)
          : sum,
      0,
    );
  } catch {
    return 0;
  }
}
