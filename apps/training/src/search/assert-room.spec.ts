import { describe, expect, it } from 'vitest';
import { PermanentFailure } from '@adstocrat/event-bus';
import { assertRoom } from './assert-room.ts';
import { portfolio } from './portfolio.ts';
import type { Setting } from './setting.ts';

const wide = (name: string, units: number): Setting => ({
  name,
  learningRate: 0.01,
  embedding: { units, l2: 1, dropout: 0 },
  streams: [{ stream: 'factorization-machine' }],
});

describe('assertRoom', () => {
  it.each([
    { fields: 5, idRows: 5_000_000, dense: 10 },
    { fields: 400, idRows: 3_000_000, dense: 0 },
    { fields: 2000, idRows: 68_000, dense: 2000 },
    { fields: 0, idRows: 0, dense: 3 },
    { fields: 0, idRows: 0, dense: 10_000 },
  ])('has room for the portfolio, however many ids: %j', (inputs) => {
    expect(() => {
      assertRoom(portfolio(inputs), inputs);
    }).not.toThrow();
  });

  it('names the largest of settings that have too many numbers', () => {
    const inputs = { fields: 10, idRows: 1_000_000, dense: 0 };
    // A million ids of 129 and 69 numbers, each with one of the linear part: 200 million, and what the pairs have besides.
    const settings = [wide('small', 69), wide('large', 129)];
    const assert = (some: readonly Setting[]) => () => {
      assertRoom(some, inputs);
    };
    expect(assert(settings)).toThrow(PermanentFailure);
    expect(assert(settings)).toThrow(/the most of them, 1300\d{5}, has "large"/);
    expect(assert([wide('large', 129), wide('small', 60)])).not.toThrow();
  });
});
