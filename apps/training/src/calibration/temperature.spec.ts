import { describe, expect, it } from 'vitest';
import { temperature } from './temperature.ts';

describe('temperature', () => {
  it.each([
    { why: 'logits that are twice too sure', scale: 2, slope: 0.5 },
    { why: 'logits that are right', scale: 1, slope: 1 },
    { why: 'logits that are too shy', scale: 0.25, slope: 4 },
  ])('is $slope for $why', ({ scale, slope }) => {
    // 100 rows each of which the share sigmoid(±1) is positive: 73.1, rounded, of 100.
    const odds = Math.log(73 / 27);
    const logits = Array.from({ length: 200 }, (_, row) => (row < 100 ? odds : -odds) * scale);
    const labels = Array.from({ length: 200 }, (_, row) => (row % 100 < (row < 100 ? 73 : 27) ? 1 : 0));
    expect(temperature(logits, labels).slope).toBeCloseTo(slope, 6);
  });

  it.each([
    { why: 'labels that are told apart', logits: [-1, 1], labels: [0, 1], slope: 20 },
    { why: 'an order turned round', logits: [-1, 1], labels: [1, 0], slope: 0.05 },
  ])('stays within its range for $why', ({ logits, labels, slope }) => {
    expect(temperature(logits, labels)).toEqual({ slope: expect.closeTo(slope, 6) as number, intercept: 0 });
  });
});
