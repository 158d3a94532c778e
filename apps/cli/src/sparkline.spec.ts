import { expect, it } from 'vitest';
import { sparkline } from './sparkline.ts';

it.each([
  [[], ''],
  [[1], ''],
  [[7, 0, 1, 2, 3, 4, 5, 6, 7], '█▁▂▃▄▅▆▇█'],
  [[2, 2, 2], '▁▁▁'],
  [[NaN, 1, Infinity, 2], '▁█'],
])('draws the course of %j as %j', (values, line) => {
  expect(sparkline(values)).toBe(line);
});

it('shows the newest', () => {
  expect(sparkline([100, 0, 7], 2)).toBe('▁█');
});
