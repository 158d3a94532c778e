import { expect, it } from 'vitest';
import { columnFrom } from '../testing/fit-on.ts';
import { hashBucket } from './exact/fingerprint-64.ts';
import { foldCount, foldProbabilities, Folds } from './folds.ts';

it('are ten, with as many rows each', () => {
  expect(foldCount).toBe(10);
  expect(foldProbabilities).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]);
});

it('are told by time: a row of the time between two is of the later one, a row without a time of the first', () => {
  const times = [9, 10, 19, 20, 1000, NaN];
  const folds = new Folds([10, 20]);
  expect(times.map((_, row) => folds.at(columnFrom(times), undefined, row))).toEqual([0, 1, 1, 2, 2, 0]);
});

it('are drawn by the hash of the id where there are no times', () => {
  const ids = Array.from({ length: 50 }, (_, row) => `r${row}`);
  const drawn = ids.map((_, row) => new Folds().at(columnFrom(ids.map(() => 5)), columnFrom(ids), row));
  expect(drawn).toEqual(ids.map((id) => hashBucket(id, 10)));
  expect(new Folds().at(undefined, undefined, 0)).toBe(hashBucket('', 10));
});
