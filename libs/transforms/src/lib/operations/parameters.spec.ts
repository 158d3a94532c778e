import { describe, expect, it } from 'vitest';
import { imageParameters } from './image.ts';
import { operationOf } from './index.ts';

const terms = { limit: 50_000, minCount: 5 };
const history = { limit: 50_000, minCount: 2 };
const time = { offsetMinutes: 0, others: 'refused' };
const scale = { standardize: true };

// As the tables of docs/training.md say.
describe('parameters left out', () => {
  it.each<[string, object, object?]>([
    ['vocabulary', terms],
    ['crossVocabulary', { ...terms, with: ['y'] }, { with: 'y' }],
    ['list', { ...terms, length: 8, separator: '|' }],
    ['tokens', { ...terms, length: 8 }],
    ['prefix', { ...terms, length: 3 }],
    ['urlHost', terms],
    ['hash', { buckets: 10_000 }],
    ['cross', { buckets: 10_000, with: ['y'] }, { with: 'y' }],
    ['hashedList', { buckets: 10_000, length: 8, separator: '|' }],
    ['ngrams', { buckets: 10_000, length: 8, from: 1, to: 2 }],
    ['characterNgrams', { buckets: 10_000, length: 8, from: 3, to: 3 }],
    ['quantileBuckets', { buckets: 32 }],
    ['uniformBuckets', { buckets: 16 }],
    ['hour', time],
    ['cyclicTime', { ...time, period: 'day' }],
    ['log1p', scale],
    ['power', { ...scale, exponent: 0.5 }],
    ['quantileRank', { quantiles: 128 }],
    ['winsorize', { low: 0.01, high: 0.99 }],
    ['impute', { value: 'median' }],
    ['count', history],
    ['targetRate', { ...history, prior: 20 }],
  ])('of %s', (op, complete, given = {}) => {
    expect(operationOf(op).parameters.parse(given)).toEqual(complete);
  });

  it('of an image', () => {
    const half = [0.5, 0.5, 0.5];
    expect(imageParameters.parse({})).toEqual({ size: 32, mean: half, scale: [0.25, 0.25, 0.25] });
  });
});

describe('parameters at a bound', () => {
  const accepts = (op: string, given: object): boolean => operationOf(op).parameters.safeParse(given).success;

  it.each<[string, object, object]>([
    // What is accepted, and what is not.
    ['ngrams', { from: 2, to: 2 }, { from: 3, to: 2 }],
    ['characterNgrams', { from: 2, to: 2 }, { from: 3, to: 2 }],
    ['clip', { min: 1, max: 1.1 }, { min: 1, max: 1 }],
    ['winsorize', { low: 0.2, high: 0.3 }, { low: 0.3, high: 0.3 }],
    ['cyclic', { period: 0.1 }, { period: 0 }],
    ['power', { exponent: 0.1 }, { exponent: 0 }],
    ['targetRate', { prior: 0.1 }, { prior: 0 }],
  ])('of %s', (op, accepted, refused) => {
    expect([accepts(op, accepted), accepts(op, refused)]).toEqual([true, false]);
  });

  it('of an image: what is divided by is more than 0', () => {
    const scale = (...channels: readonly number[]): boolean => imageParameters.safeParse({ scale: channels }).success;
    expect(scale(0.1, 0.1, 0.1)).toBe(true);
    expect([scale(0, 1, 1), scale(1, 0, 1), scale(1, 1, 0)]).toEqual([false, false, false]);
  });
});
