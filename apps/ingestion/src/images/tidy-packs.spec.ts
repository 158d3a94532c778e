import { describe, expect, it } from 'vitest';
import { togetherOf } from './tidy-packs.ts';

/** Packs by what is used of them and what they have, in MiB. */
const packs = (...sizes: readonly (readonly [used: number, bytes: number])[]) =>
  sizes.map(([used, bytes], index) => ({ pack: String(index), used: used * 2 ** 20, bytes: bytes * 2 ** 20 }));

describe('togetherOf', () => {
  it.each([
    ['nothing of none', packs(), []],
    ['nothing of one alone that is all used', packs([1, 1]), []],
    ['one alone of which a part is dead', packs([1, 8]), ['0']],
    ['small ones, all used, for there are several', packs([1, 1], [2, 2]), ['01']],
    // 3 + 3 + 3 MiB are the first 8 or more.
    ['those that fill a pack, and the next ones', packs([3, 8], [3, 8], [3, 8], [2, 8], [1, 1]), ['012', '34']],
    ['all but a last one that has nothing to lose', packs([3, 8], [3, 8], [3, 8], [1, 1]), ['012']],
  ])('takes %s', (_, sparse, together) => {
    expect(togetherOf(sparse).map((some) => some.map(({ pack }) => pack).join(''))).toEqual(together);
  });
});
