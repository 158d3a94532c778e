import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactInfo } from '@adstocrat/artifact-store';
import { downloadListed } from '../data/download-listed.ts';
import type { HeldFiles } from '../data/held-files.ts';
import type { OnProgress } from '../shards/shard-work.ts';
import type { Input } from './find-input.ts';

/** Files at once: a bucket answers each slowly and many well. */
const concurrency = 4;

/**
 * Brings objects, as they were listed, into a folder: from what is held of them, else from their store. Path of each by URI. Throws what
 * {@link downloadListed} does.
 */
export async function downloadFiles(
  { source, baseUri }: Pick<Input, 'source' | 'baseUri'>,
  objects: readonly ArtifactInfo[],
  folder: string,
  held: HeldFiles,
  onProgress: OnProgress,
): Promise<ReadonlyMap<string, string>> {
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const local = new Map<string, string>();
  mkdirSync(folder, { recursive: true });
  let done = 0;
  const onBytes = (bytes: number): void => {
    done += bytes;
    onProgress('download', done, total, 'bytes');
  };
  const waiting = objects.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, object] of waiting) {
      if (failed) return;
      const path = join(folder, `input-${index}`);
      try {
        if (held.take(object, path)) onBytes(object.bytes);
        else await downloadListed(source, object, path, { within: baseUri, onBytes });
      } catch (error) {
        failed = true;
        throw error;
      }
      local.set(object.uri, path);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return local;
}
