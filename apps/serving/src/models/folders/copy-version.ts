import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadArtifact } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { DamagedServable } from '@adstocrat/inference';
import type { FoundVersion } from './found-versions.ts';

/** Digests as `sha256sum *` writes them: where a version has them, its files must have them. */
const sumsName = 'SHA256SUMS';

/**
 * Copies a version's files as they were listed: one that has changed since is not there any more. `base`: no symbolic link may lead out of
 * it. Throws {@link DamagedServable} where a file is not as SHA256SUMS says.
 */
export async function copyVersion(
  store: ArtifactStore,
  base: string,
  { files }: FoundVersion,
  folder: string,
): Promise<void> {
  const digests = new Map<string, string>();
  for (const { uri, path, generation, bytes: listed } of files) {
    const { sha256, bytes } = await downloadArtifact(store, uri, join(folder, path), { generation, within: base });
    // A file may grow while it is read.
    if (bytes !== listed)
      throw new DamagedServable(`${path} had ${listed} bytes when it was listed, and ${bytes} were read`);
    digests.set(path, sha256);
  }
  if (!digests.has(sumsName)) return;
  for (const line of (await readFile(join(folder, sumsName), 'utf8')).split('\n')) {
    const [, sha256, path] = /^([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/.exec(line.trimEnd()) ?? [];
    if (sha256 === undefined || path === undefined) {
      if (line.trim() !== '') throw new DamagedServable(`${sumsName} has a line that is not as sha256sum writes it`);
    } else if (digests.get(path) !== sha256)
      throw new DamagedServable(
        digests.has(path) ? `${path} has another sha256 than ${sumsName} says` : `${path} of ${sumsName} is not there`,
      );
  }
}
