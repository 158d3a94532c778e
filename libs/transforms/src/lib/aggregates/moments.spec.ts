import { expect, it } from 'vitest';
import { moments } from './moments.ts';

function of(values: readonly number[]): ReturnType<ReturnType<typeof moments>['result']> {
  const figure = moments((_columns, row) => values[row]!);
  figure.add({ columns: [], rows: values.length, firstRow: 0, labels: [], folds: [] });
  return figure.result();
}

// Largest finite float32: 24 ones, the first of which counts 2^127.
const largest = (2 - 2 ** -23) * 2 ** 127;

it.each([
  // Deviations −3, −1, −1, −1, 0, 0, 2, 4 of the mean 5: squares 32, a mean square of 4.
  [[2, 4, 4, 4, 5, 5, 7, 9], { count: 8, missing: 0, mean: 5, deviation: 2, min: 2, max: 9 }],
  [[NaN, -3, Infinity], { count: 1, missing: 2, mean: -3, deviation: 0, min: -3, max: -3 }],
  [[], { count: 0, missing: 0, mean: 0, deviation: 0, min: Infinity, max: -Infinity }],
  [[1e39], { count: 1, missing: 0, mean: largest, deviation: 0, min: largest, max: largest }],
  [[-1e39], { count: 1, missing: 0, mean: -largest, deviation: 0, min: -largest, max: -largest }],
  [[largest], { count: 1, missing: 0, mean: largest, deviation: 0, min: largest, max: largest }],
])('of %j', (values, expected) => {
  expect(of(values)).toEqual(expected);
});
