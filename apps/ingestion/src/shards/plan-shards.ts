import { createHash } from 'node:crypto';
import type { ArtifactInfo } from '@adstocrat/artifact-store';

/**
 * The files of a drop as shards, each of files that follow each other by name: so many that they have `shardBytes` together, or one that
 * has more alone. The same files give the same shards, whoever does them.
 */
export function planShards(files: readonly ArtifactInfo[], shardBytes: number): readonly (readonly ArtifactInfo[])[] {
  const shards: ArtifactInfo[][] = [];
  let room = 0;
  for (const file of files) {
    const last = shards.at(-1);
    if (last !== undefined && file.bytes <= room) {
      last.push(file);
      room -= file.bytes;
    } else {
      shards.push([file]);
      room = shardBytes - file.bytes;
    }
  }
  return shards;
}

/**
 * What tells shards of one cut from those of another: an attempt with another `shardBytes` than the one before must not take up what that
 * one did. 16 hex digits.
 */
export function layoutOf(shards: readonly (readonly ArtifactInfo[])[]): string {
  const names = shards.map((files) => files.map(({ uri }) => uri));
  return createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 16);
}
