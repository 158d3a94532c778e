import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { holdsParts } from './object-parts.ts';

/**
 * All that lies in a folder and in folders below it, in no order, but folders and parts of objects. Follows no symbolic link. A folder that
 * is removed meanwhile has nothing; throws where the first one is not there.
 */
export async function filesBelow(folder: string): Promise<Dirent[]> {
  const [files, folders] = [[] as Dirent[], [folder]];
  for (const at of folders)
    for (const entry of await entriesOf(at, at === folder)) {
      if (holdsParts(entry.name)) continue;
      if (entry.isDirectory()) folders.push(join(at, entry.name));
      else files.push(entry);
    }
  return files;
}

async function entriesOf(folder: string, isExpected: boolean): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isExpected || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
}
