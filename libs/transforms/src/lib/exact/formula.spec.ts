import { describe, expect, it } from 'vitest';
import { powerOfTwo, splitDouble } from './double-bits.ts';
import { exactExp, exactPower } from './exponential.ts';
import { exactLog, exactLog1p } from './logarithm.ts';
import { sineCosine } from './sine.ts';

// Every engine is promised the same bits, so they are those of the formula that the code says, evaluated in doubles in its order. Here it
// is written as sums, with coefficients from their definitions: what is off by a last place fails here, where exact.spec.ts allows it.

/** c0 + z · (c1 + z · (c2 + …)). */
const horner = (z: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, one) => one + z * sum, 0);
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

// OEIS A002162: ln 2 by 40 digits. In two parts, of which the first has 42 bits.
const ln2Digits = 6931471805599453094172321214581765680755n;
const ln2Bits = (ln2Digits << 120n) / 10n ** 40n;
const ln2High = Number(ln2Bits >> 78n) / 2 ** 42;
const ln2Low = Number(ln2Bits & ((1n << 78n) - 1n)) / 2 ** 120;

/** Doubles evenly over an interval, always the same ones. */
function between(low: number, high: number, count = 4000): readonly number[] {
  let state = 11;
  return upTo(count).map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return low + (high - low) * ((state + 0.5) / 2 ** 32);
  });
}

/** Either side of an edge, as near as a change by a millionth is, and the edge itself. */
const around = (edge: number): readonly number[] => [
  edge,
  ...between(edge * (1 - 2 ** -20), edge * (1 + 2 ** -20), 1000),
];

function same(ours: (x: number) => unknown, formula: (x: number) => unknown, xs: readonly number[]): void {
  expect(xs.length).toBeGreaterThan(0);
  const other = xs.filter((x) => JSON.stringify(ours(x)) !== JSON.stringify(formula(x)));
  expect(other.map((x) => [x, ours(x), formula(x)]).slice(0, 3)).toEqual([]);
}

const logOnePlus = (f: number): number => {
  const s = f / (2 + f);
  const z = s * s;
  // 2 artanh s = 2s + 2s³/3 + 2s⁵/5 + …; the last term is rounded once more: 2z, then 2z / 23.
  const coefficients = [...upTo(9).map((n) => 2 / (2 * n + 3)), 2 / 21 + (2 * z) / 23];
  return f - ((f * f) / 2 - s * ((f * f) / 2 + z * horner(z, coefficients)));
};

const log = (x: number): number => {
  const { mantissa, exponent } = splitDouble(x);
  return exponent * ln2High + (logOnePlus(mantissa - 1) + exponent * ln2Low);
};

describe('exactLog', () => {
  it('has the bits of 2 artanh((m − 1) ÷ (m + 1)) + e ln 2, to the 23rd power', () => {
    same(exactLog, log, [...between(0.7, 1.42, 20_000), ...between(1e-300, 1e-290), ...between(1, 1e300)]);
    // At both ends of the mantissa the last term is largest: it changes bits of some of these.
    same(exactLog, log, [...between(1.4, Math.SQRT2, 20_000), ...between(Math.SQRT1_2, 0.72, 20_000)]);
    same(exactLog, log, [...around(Math.SQRT2), ...around(Math.SQRT1_2), 5e-324, 2 ** -1022, Number.MAX_VALUE]);
  });
});

describe('exactLog1p', () => {
  it('has the bits of the series between −0.25 and 0.4, else of the sum’s logarithm and what the sum lost', () => {
    const formula = (x: number): number => {
      if (x > -0.25 && x < 0.4) return logOnePlus(x);
      const sum = 1 + x;
      // Exactly: every double is a whole number of 2^-1074, and these are of 2^-60.
      const exact = (value: number): bigint => BigInt(value * 2 ** 60);
      return log(sum) + Number(exact(1) + exact(x) - exact(sum)) / 2 ** 60 / sum;
    };
    same(exactLog1p, formula, [...around(-0.25), ...around(0.4), ...between(-0.999, 8), ...between(1, 1e9)]);
    same(exactLog1p, formula, [...around(1), ...around(2), ...between(-0.25, 0.4, 20_000)]);
  });
});

describe('exactExp', () => {
  const formula = (x: number): number => {
    const k = Math.floor(x / Math.LN2 + 0.5);
    const high = x - k * ln2High;
    const r = high - k * ln2Low;
    // 1/2! + r/3! + … + r^12/14!.
    const series = upTo(13).reduceRight((sum, n) => sum * r + 1 / factorial(n + 2), 0);
    const value = 1 + (r + (r * r * series + (high - r - k * ln2Low)));
    // Exact, but for the last step into a subnormal.
    return value * 2 ** Math.trunc(k / 2) * 2 ** (k - Math.trunc(k / 2));
  };

  it('has the bits of 2^k e^r, by the series to r^14', () => {
    same(exactExp, formula, [...between(-0.35, 0.35, 20_000), ...between(-745.13, 709.78, 20_000)]);
  });

  it('has them at both ends, where 2^k is no double', () => {
    const edges = [-745.1332191019412, -745.13, 709.782712893384, 709.7827128933];
    same(exactExp, formula, [...edges, ...between(-745.13, -706, 8000), ...between(709, 709.78)]);
    expect([exactExp(709.782712893384) < Infinity, exactExp(709.7827128933842)]).toEqual([true, Infinity]);
    // −1075 ln 2 = −745.13321910194111: half of the smallest double.
    expect([exactExp(-745.1332191019411), exactExp(-745.1332191019412)]).toEqual([5e-324, 0]);
  });
});

describe('exactPower', () => {
  const xs = [0, 1, ...between(0, 1000, 500)];
  it.each<[number, (x: number) => number]>([
    [0, () => 1],
    [0.5, Math.sqrt],
    [1, (x) => x],
    [2, (x) => x * x],
    [3, (x) => x * x * x],
    [4, (x) => x * x * (x * x)],
    [1.25, (x) => (x === 0 ? 0 : exactExp(1.25 * exactLog(x)))],
    [5, (x) => (x === 0 ? 0 : exactExp(5 * exactLog(x)))],
  ])('to the power of %d has the bits of a root, of products, or of e^(exponent · ln x)', (exponent, formula) => {
    same((x) => exactPower(x, exponent), formula, xs);
  });
});

describe('sineCosine', () => {
  it('has the bits of the series to z^8, within an eighth of a turn of the nearest quarter', () => {
    const formula = (turns: number): readonly number[] => {
      const whole = turns - Math.floor(turns);
      const quarter = Math.floor(whole * 4 + 0.5);
      const angle = (whole - quarter / 4) * (2 * Math.PI);
      const z = angle * angle;
      const series = (first: number): number =>
        upTo(8).reduceRight((sum, n) => sum * z + (-1) ** (n + 1) / factorial(first + 2 * n), 0);
      const sine = angle + angle * z * series(3);
      const cosine = 1 + z * series(2);
      return [sine, cosine, -sine, -cosine, sine].slice(quarter % 4, (quarter % 4) + 2);
    };
    const edges = [1, 3, 5, 7].flatMap((eighths) => [...around(eighths / 8)]);
    same(sineCosine, formula, [...edges, ...between(0, 1, 20_000), ...between(-3, 40)]);
  });
});

describe('double bits', () => {
  it('are a mantissa in [√½, √2) and an exponent, whose product is the number', () => {
    const edges = [
      5e-324,
      2 ** -1023,
      2 ** -1022 - 2 ** -1074,
      2 ** -1022,
      2 ** -1021,
      1,
      Math.SQRT2,
      Number.MAX_VALUE,
    ];
    for (const x of [...edges, ...between(1e-310, 2e-308, 200), ...between(0, 1e10, 200)]) {
      const { mantissa, exponent } = splitDouble(x);
      expect(mantissa >= Math.SQRT1_2 - 2 ** -53 && mantissa < Math.SQRT2).toBe(true);
      const half = Math.trunc(exponent / 2);
      expect(mantissa * 2 ** half * 2 ** (exponent - half)).toBe(x);
    }
    for (const exponent of [-1022, -60, 0, 1, 1023]) expect(powerOfTwo(exponent)).toBe(2 ** exponent);
  });
});
