import { powerOfTwo } from './double-bits.ts';
import { exactLog } from './logarithm.ts';

const ln2High = 0x162e42fefa3800 / 2 ** 53;
const ln2Low = 5.4979230187083712e-14;
/** 1/2!, 1/3!, … 1/14!. */
const coefficients: readonly number[] = Array.from({ length: 13 }, (_, index) => {
  let factorial = 1;
  for (let factor = 2; factor <= index + 2; factor += 1) factorial *= factor;
  return 1 / factorial;
});

/**
 * e^x by + − × ÷ alone, so that every engine gives the same bits. x = k ln 2 + r with |r| ≤ ½ ln 2, e^r by its power series to r^14:
 * what is left out is below 2^-56. Within 1.5 units in the last place. Below −745.14 → 0, above 709.79 → ∞.
 */
export function exactExp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const k = Math.floor(x / Math.LN2 + 0.5);
  const high = x - k * ln2High;
  const low = k * ln2Low;
  const r = high - low;
  let series = 0;
  for (let at = coefficients.length - 1; at >= 0; at -= 1) series = series * r + coefficients[at]!;
  const value = 1 + (r + (r * r * series + (high - r - low)));
  // In two steps where the result is subnormal or its exponent does not fit.
  if (k > 1023) return value * 2 * powerOfTwo(k - 1);
  if (k < -1021) return value * powerOfTwo(k + 60) * 2 ** -60;
  return value * powerOfTwo(k);
}

/** x^exponent for x ≥ 0: √ and whole powers to 4 by multiplication, else e^(exponent · ln x). 0 to a negative power → ∞. */
export function exactPower(x: number, exponent: number): number {
  switch (exponent) {
    case 0:
      return 1;
    case 0.5:
      return Math.sqrt(x);
    case 1:
      return x;
    case 2:
      return x * x;
    case 3:
      return x * x * x;
    case 4:
      return x * x * (x * x);
    default:
      if (x === 0) return exponent > 0 ? 0 : Infinity;
      return exactExp(exponent * exactLog(x));
  }
}
