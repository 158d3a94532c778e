import { describe, expect, it } from 'vitest';
import type { NumericStatistics } from '@adstocrat/statistics';
import { unitFactor } from './unit-factor.ts';

const of = (deciles: readonly number[]): NumericStatistics => ({
  mean: 0,
  deviation: 0,
  min: deciles[0] ?? 0,
  max: deciles.at(-1) ?? 0,
  deciles,
});
const euros = [1, 1.8, 2.6, 3.4, 4.2, 5, 5.8, 6.6, 7.4, 8.2, 9];

describe('unitFactor', () => {
  it.each<[what: string, is: readonly number[], factor: number | undefined]>([
    ['cents', euros.map((one) => one * 100), 100],
    // Another sample of the same prices.
    ['cents, somewhat higher', euros.map((one, index) => one * (100 + index)), 105],
    ['thousands', euros.map((one) => one / 1000), 0.001],
    ['the same', euros, undefined],
    ['prices that have trebled', euros.map((one) => one * 3), undefined],
    ['prices of which the high ones are much higher', euros.map((one) => one ** 2 * 10), undefined],
    ['prices plus a fee', euros.map((one) => one + 100), undefined],
    ['prices below 0', euros.map((one) => -100 * one), undefined],
  ])('tells %s', (_, is, factor) => {
    const found = unitFactor(of(euros), of(is));
    if (factor === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(factor, 9);
  });

  it('says nothing of a column that is mostly 0, or of few values', () => {
    const rare = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 9];
    expect(unitFactor(of(rare), of(rare.map((one) => one * 100)))).toBeUndefined();
    const flag = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
    expect(unitFactor(of(flag), of(flag.map((one) => one * 100)))).toBeUndefined();
  });

  it('says nothing without deciles', () => {
    expect(unitFactor(of([]), of([]))).toBeUndefined();
  });
});
