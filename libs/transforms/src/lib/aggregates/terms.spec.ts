import { describe, expect, it } from 'vitest';
import { foldCount } from '../folds.ts';
import { countTerms } from './count-terms.ts';
import { foldCounts } from './fold-counts.ts';

const everything = { limit: Infinity, minCount: 1 };

describe('countTerms', () => {
  it('forgets what was seen once, then what was seen twice', () => {
    const cells = ['a', null, ['b', 'c'], 'c', ['c', 'b'], 'd', ['d', 'd', 'd']];
    const figure = countTerms((_columns, row) => cells[row]!, everything);
    figure.add({ columns: [], rows: cells.length, firstRow: 0, labels: [], folds: [] });
    const counts = [['d', 4] as const, ['c', 3] as const, ['b', 2] as const, ['a', 1] as const];
    const found = () => figure.result().terms.map(({ value, count }) => [value, count]);
    for (const left of [4, 3, 2, 1, 0]) {
      expect(figure.terms?.count()).toBe(left);
      expect(found()).toEqual(counts.slice(0, left));
      figure.terms?.forget();
    }
  });
});

describe('foldCounts', () => {
  it('counts rows and positives of each fold, of all rows and of each term', () => {
    // The last one is of no row.
    const cells = ['a', ['a', 'b'], null, 'b', 'a', 'a'];
    const figure = foldCounts((_columns, row) => cells[row]!, everything);
    figure.add({
      columns: [],
      rows: 5,
      firstRow: 0,
      labels: [1, 0, 1, 1, 0, 1],
      folds: [0, 0, 1, foldCount - 1, foldCount - 1, 0],
    });
    /** Two numbers a fold; the others are 0. */
    const perFold = (numbers: Readonly<Record<number, readonly [rows: number, positives: number]>>): Float64Array =>
      Float64Array.from(Array.from({ length: foldCount }, (_, fold) => numbers[fold] ?? [0, 0]).flat());
    expect(figure.result()).toEqual({
      all: perFold({ 0: [2, 1], 1: [1, 1], [foldCount - 1]: [2, 1] }),
      terms: [
        { value: 'a', rows: 3, perFold: perFold({ 0: [2, 1], [foldCount - 1]: [1, 0] }) },
        { value: 'b', rows: 2, perFold: perFold({ 0: [1, 0], [foldCount - 1]: [1, 1] }) },
      ],
    });
  });

  it('forgets the rarest of more than 262,144 terms, again and again', () => {
    const figure = foldCounts((_columns, row) => cells[row]!, everything);
    let cells: readonly string[] = [];
    const add = (some: readonly string[]): void => {
      cells = some;
      const zeros = new Uint8Array(some.length);
      figure.add({ columns: [], rows: some.length, firstRow: 0, labels: zeros, folds: zeros });
    };
    const once = (from: number): readonly string[] => Array.from({ length: 262_144 }, (_, term) => `${from + term}`);
    const found = () => figure.result().terms.map(({ value }) => value);
    add([...once(0), 'twice', 'twice', 'thrice', 'thrice', 'thrice']);
    expect(found()).toEqual(['thrice', 'twice']);
    add(once(0));
    expect(found()).toEqual(['thrice']);
  });
});
