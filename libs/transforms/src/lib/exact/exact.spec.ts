import { describe, expect, it } from 'vitest';
import { splitDouble } from './double-bits.ts';
import { exactExp, exactPower } from './exponential.ts';
import { exactLog, exactLog1p } from './logarithm.ts';
import { sineCosine } from './sine.ts';

// The reference: whole numbers of 2^-bits, exact but for the last places, by power series. No Math function has a part in it.
const bits = 260n;
const one = 1n << bits;
const times = (a: bigint, b: bigint): bigint => (a * b) >> bits;

/** A double as a fixed-point number; exact down to 2^-260. */
function fixed(x: number): bigint {
  if (x === 0) return 0n;
  const { mantissa, exponent } = splitDouble(x < 0 ? -x : x);
  const shift = bits + BigInt(exponent) - 53n;
  const whole = BigInt(mantissa * 2 ** 53);
  const value = shift >= 0n ? whole << shift : whole >> -shift;
  return x < 0 ? -value : value;
}

function artanh(x: bigint): bigint {
  const square = times(x, x);
  let [sum, power] = [0n, x];
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = times(power, square);
  }
  return sum;
}

const ln2 = 2n * artanh(one / 3n);

/** ln of (numerator / 1), for a positive fixed-point number. */
function ln(x: bigint): bigint {
  let exponent = 0n;
  while (x >= 2n * one) [x, exponent] = [x >> 1n, exponent + 1n];
  while (x < one) [x, exponent] = [x << 1n, exponent - 1n];
  return exponent * ln2 + 2n * artanh(((x - one) << bits) / (x + one));
}

function exp(x: bigint): bigint {
  const k = x / ln2;
  const r = x - k * ln2;
  let [sum, term] = [0n, one];
  for (let n = 1n; term !== 0n; n += 1n) {
    sum += term;
    term = times(term, r) / n;
  }
  return k >= 0n ? sum << k : sum >> -k;
}

/** Sine and cosine by e^(ix). */
function sinCos(x: bigint): readonly [bigint, bigint] {
  let [sine, cosine, term] = [0n, 0n, one];
  for (let n = 0n; term !== 0n; n += 1n) {
    const sign = n % 4n < 2n ? 1n : -1n;
    if (n % 2n === 0n) cosine += sign * term;
    else sine += sign * term;
    term = times(term, x) / (n + 1n);
  }
  return [sine, cosine];
}

/** Distance from the true value in units of the last place of the answer. */
function ulps(answer: number, truth: bigint): number {
  const difference = fixed(answer) - truth;
  const { exponent, mantissa } = splitDouble(answer < 0 ? -answer : answer);
  const place = bits + BigInt(mantissa < 1 ? exponent - 1 : exponent) - 52n;
  return Number(((difference < 0n ? -difference : difference) * 1000n) >> place) / 1000;
}

/** Doubles over many magnitudes, always the same ones. */
function samples(low: number, high: number, count = 1500): number[] {
  let state = 7;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const first = state / 2 ** 32;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + (high - low) * (first + state / 2 ** 64);
  });
}

const worst = (errors: readonly number[]): number => Math.max(...errors);

describe('exactLog', () => {
  it('is within 1.5 places of the true value', () => {
    const xs = [...samples(0.5, 2), ...samples(1e-9, 1e-3), ...samples(1, 1e12), 2 ** 100, 2 ** -100, 1 + 2 ** -52, 3];
    expect(worst(xs.map((x) => ulps(exactLog(x), ln(fixed(x)))))).toBeLessThan(1.5);
  });
  it.each([
    [1, 0],
    [0, -Infinity],
    [-1, NaN],
    [NaN, NaN],
    [Infinity, Infinity],
  ])('of %d is %d', (x, value) => {
    expect(exactLog(x)).toBe(value);
  });
  it('reads the smallest doubles', () => {
    expect(exactLog(5e-324)).toBeCloseTo(-744.4400719213812, 10); // −1074 ln 2
  });
});

describe('exactLog1p', () => {
  it('is within 1.5 places of the true value', () => {
    const xs = [...samples(-0.9, 3), ...samples(-1e-6, 1e-6), ...samples(0, 1e9), 1e-18, -0.25, 0.4];
    expect(worst(xs.filter((x) => x !== 0).map((x) => ulps(exactLog1p(x), ln(one + fixed(x)))))).toBeLessThan(1.5);
  });
  it.each([
    [0, 0],
    [-1, -Infinity],
    [-2, NaN],
    [NaN, NaN],
    [Infinity, Infinity],
  ])('of %d is %d', (x, value) => {
    expect(exactLog1p(x)).toBe(value);
  });
});

describe('exactExp', () => {
  it('is within 1.5 places of the true value', () => {
    const xs = [...samples(-1, 1), ...samples(-80, 80), 1e-20, 0.34657, -0.34658];
    expect(worst(xs.map((x) => ulps(exactExp(x), exp(fixed(x)))))).toBeLessThan(1.5);
  });
  it.each([
    [0, 1],
    [710, Infinity],
    [-746, 0],
    [NaN, NaN],
    [-745, 5e-324],
  ])('of %d is %d', (x, value) => {
    expect(exactExp(x)).toBe(value);
  });
});

describe('exactPower', () => {
  it('is a correctly rounded float32 for exponents of features', () => {
    for (const exponent of [0.25, 1 / 3, 0.75, 1.5, -0.5])
      for (const x of samples(0.01, 1000, 100)) {
        const truth = exp((ln(fixed(x)) * fixed(exponent)) >> bits);
        const rounded = Math.fround(Number((truth * 2n ** 60n) >> bits) / 2 ** 60);
        expect(Math.abs(Math.fround(exactPower(x, exponent)) - rounded)).toBe(0);
      }
  });
  it.each([
    [0, 0.5, 0],
    [0, 0.3, 0],
    [0, -1, Infinity],
    [2, 3, 8],
    [9, 0.5, 3],
    [7, 0, 1],
  ])('of %d and %d is %d', (x, exponent, value) => {
    expect(exactPower(x, exponent)).toBe(value);
  });
});

describe('sineCosine', () => {
  const twoPi = 8n * (4n * arctan(5n) - arctan(239n)); // Machin: π/4 = 4 arctan 1/5 − arctan 1/239
  function arctan(inverse: bigint): bigint {
    let [sum, power] = [0n, one / inverse];
    for (let n = 1n; power !== 0n; n += 2n) {
      sum += (n % 4n === 1n ? power : -power) / n;
      power /= inverse * inverse;
    }
    return sum;
  }
  it('is within 2^-52 of the true values', () => {
    const bound = one >> 52n;
    for (const turns of [...samples(0, 1), 0, 0.125, 0.25, 0.5, 0.75, 1 / 24, 23 / 24, 5 / 7]) {
      const [sine, cosine] = sinCos(times(fixed(turns), twoPi));
      const [ours, oursToo] = sineCosine(turns).map(fixed) as [bigint, bigint];
      expect(ours - sine < bound && sine - ours < bound, `sine of ${turns}`).toBe(true);
      expect(oursToo - cosine < bound && cosine - oursToo < bound, `cosine of ${turns}`).toBe(true);
    }
  });
  it('is exact at quarters, and the same a turn later or before', () => {
    expect([0, 0.25, 0.5, 0.75].map((turns) => sineCosine(turns).map((one) => one + 0))).toEqual([
      [0, 1],
      [1, 0],
      [0, -1],
      [-1, 0],
    ]);
    expect(sineCosine(-0.75)).toEqual(sineCosine(0.25));
    expect(sineCosine(7.125)).toEqual(sineCosine(0.125));
  });
});
