import { describe, expect, it } from 'vitest';
import { sortNumbers } from './sort-numbers.ts';

const { MAX_VALUE, MIN_VALUE, EPSILON } = Number;
const special = [
  0,
  -0,
  Infinity,
  -Infinity,
  MAX_VALUE,
  -MAX_VALUE,
  MIN_VALUE,
  -MIN_VALUE,
  1,
  1 + EPSILON,
  -1,
  -1 - EPSILON,
];

/** Doubles of any bits: xorshift32, the same on every machine. */
function ofAnyBits(count: number): Float64Array<ArrayBuffer> {
  const halves = new Uint32Array(2 * count);
  let state = 20_260_101;
  for (let at = 0; at < halves.length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    halves[at] = state >>> 0;
  }
  return new Float64Array(halves.buffer).filter((value) => !Number.isNaN(value));
}

describe('sortNumbers', () => {
  it.each([
    { why: 'signs, zeros, ends of the range and neighbours', values: Float64Array.from([...special, ...special]) },
    { why: 'any bits', values: ofAnyBits(5000) },
    { why: 'a part of an array', values: ofAnyBits(100).subarray(7, 60) },
    { why: 'none', values: new Float64Array(0) },
  ])('has the order that the array itself has: $why', ({ values }) => {
    const due = values.slice().sort();
    // `Object.is` tells the zeros apart.
    expect(sortNumbers(values).every((value, at) => Object.is(value, due[at]))).toBe(true);
  });
});
