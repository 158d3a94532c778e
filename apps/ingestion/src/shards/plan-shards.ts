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
