import { describe, expect, it } from 'vitest';
import { layoutOf, planShards } from './plan-shards.ts';

describe('planShards', () => {
  it.each<[bytes: readonly number[], shards: readonly (readonly number[])[]]>([
    [[], []],
    [[5], [[5]]],
    [
      [3, 3, 4, 1],
      [[3, 3, 4], [1]],
    ],
    [
      [30, 1, 1],
      [[30], [1, 1]],
    ],
    [
      [1, 30, 1],
      [[1], [30], [1]],
    ],
    [[0, 0, 10], [[0, 0, 10]]],
  ])('of files with %j bytes, 10 a shard, are %j', (bytes, shards) => {
    const files = bytes.map((size, index) => ({ uri: `gs://b/${index}`, bytes: size, generation: '1' }));
    const planned = planShards(files, 10);
    expect(planned.map((shard) => shard.map((file) => file.bytes))).toEqual(shards);
    expect(planned.flat()).toEqual(files);
  });

  it('tell one cut of the same files from another, and not one attempt from the next', () => {
    const files = [4, 4, 4].map((bytes, index) => ({ uri: `gs://b/${index}`, bytes, generation: '1' }));
    const layouts = [8, 8, 4, 12].map((shardBytes) => layoutOf(planShards(files, shardBytes)));
    expect(layouts[1]).toBe(layouts[0]);
    expect(new Set(layouts).size).toBe(3);
  });
});
