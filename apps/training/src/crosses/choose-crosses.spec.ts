import { describe, expect, it } from 'vitest';
import { splitMix32 } from '@adstocrat/models';
import type { LoadedExamples } from '../data/load-examples.ts';
import { Turns } from '../pairs/turns.ts';
import { chooseCrosses, type Misses } from './choose-crosses.ts';

const turns = new Turns(new AbortController().signal);

/** Rows of so many features of 30 ids each, whose chance the law gives; `told`: what is said of each row. */
function missesOf(
  { rows, fields, seed }: { readonly rows: number; readonly fields: number; readonly seed: number },
  law: (ids: Int32Array) => number,
  told: (chance: number) => number = (chance) => chance,
): Misses {
  const bits = splitMix32(seed);
  const ids = Int32Array.from({ length: rows * fields }, (_, at) => (at % fields) * 30 + (bits() % 30));
  const lawful = Float32Array.from({ length: rows }, (_, row) => law(ids.subarray(row * fields, (row + 1) * fields)));
  const labels = lawful.map((chance) => (bits() / 2 ** 32 < chance ? 1 : 0));
  const examples: LoadedExamples = { rows, fields, denseWidth: 0, ids, dense: new Float32Array(), labels };
  return { examples, chances: lawful.map(told) };
}

const placesOf = (fields: number): ReadonlyMap<number, number> =>
  new Map(Array.from({ length: fields }, (_, place) => [place, 30]));

describe('chooseCrosses', () => {
  it.each([
    ['half of the rows have clicks', 0.5],
    ['clicks are rare', 0.004],
  ])('finds nothing among 190 pairs of features where chances are right, and %s', async (_, chance) => {
    const misses = missesOf({ rows: 20_000, fields: 20, seed: 3 }, () => chance);
    expect(await chooseCrosses(misses, placesOf(20), turns)).toEqual([]);
  });

  it('finds nothing among 780 pairs of features of two values, of whose few pairs chance is far from normal', async () => {
    const misses = missesOf({ rows: 4000, fields: 40, seed: 11 }, () => 0.5);
    const { examples } = misses;
    const ids = examples.ids.map((id, at) => 2 * (at % 40) + (id % 2));
    const places = new Map(Array.from({ length: 40 }, (_, place) => [place, 2]));
    expect(await chooseCrosses({ ...misses, examples: { ...examples, ids } }, places, turns)).toEqual([]);
  });

  it('is not misled by rows that come in turns, where all of them are too many', async () => {
    // Lists of seven: a row's place in its list and its item tell all, and the chances given know neither.
    const fields = 64;
    const law = (ids: Int32Array): number => 0.1 + 0.1 * ((ids[0]! + ids[1]!) % 7);
    const misses = missesOf({ rows: 70_000, fields, seed: 12 }, law, () => 0.4);
    const { examples } = misses;
    const bits = splitMix32(13);
    const labels = Float32Array.from({ length: 70_000 }, (_, row) => {
      examples.ids[row * fields + 1] = 30 + (row % 7);
      return bits() / 2 ** 32 < law(examples.ids.subarray(row * fields, row * fields + 2)) ? 1 : 0;
    });
    const found = await chooseCrosses({ ...misses, examples: { ...examples, labels } }, placesOf(fields), turns);
    expect(found).toEqual([[0, 1]]);
  });

  it('finds the features whose pairs are missed, the clearest first', async () => {
    const parity = (one: number, other: number): number => ((one * 7 + other * 13) % 5 < 2 ? 1 : -1);
    const law = (ids: Int32Array): number => 0.3 + 0.15 * parity(ids[1]!, ids[4]!) + 0.07 * parity(ids[0]!, ids[5]!);
    const misses = missesOf({ rows: 20_000, fields: 6, seed: 4 }, law, () => 0.26);
    expect(await chooseCrosses(misses, placesOf(6), turns)).toEqual([
      [1, 4],
      [0, 5],
    ]);
    // Features that are not among those asked for are left alone.
    const some = new Map([...placesOf(6)].filter(([place]) => place !== 4));
    expect(await chooseCrosses(misses, some, turns)).toEqual([[0, 5]]);
  });

  it('counts rows by their weights', async () => {
    const law = (ids: Int32Array): number => ((ids[0]! + ids[1]!) % 2 === 0 ? 0.7 : 0.3);
    const { examples, chances } = missesOf({ rows: 4000, fields: 2, seed: 5 }, law, () => 0.5);
    const weighted = (weight: number): Misses => {
      // What tells something counts little beside as many rows that tell nothing.
      const ids = Int32Array.from([...examples.ids, ...examples.ids]);
      const coin = splitMix32(6);
      const labels = Float32Array.from([...examples.labels, ...examples.labels.map(() => coin() % 2)]);
      const weights = Float32Array.from({ length: 8000 }, (_, row) => (row < 4000 ? weight : 1));
      return {
        examples: { ...examples, rows: 8000, ids, labels, weights },
        chances: Float32Array.from([...chances, ...chances]),
      };
    };
    expect(await chooseCrosses(weighted(1), placesOf(2), turns)).toEqual([[0, 1]]);
    expect(await chooseCrosses(weighted(0.01), placesOf(2), turns)).toEqual([]);
  });
});
