import { splitDouble } from './double-bits.ts';

/** ln 2 in two parts: the first has so few bits that a product with an exponent is exact. */
const ln2High = 0x162e42fefa3800 / 2 ** 53;
const ln2Low = 5.4979230187083712e-14;

/**
 * Natural logarithm by + − × ÷ alone, so that every engine gives the same bits; Math.log does not promise that. x = m · 2^e with m in
 * [√½, √2), and ln m = 2 artanh(s) with s = (m − 1) ÷ (m + 1), |s| < 0.172, by its power series to s^23: what is left out is below
 * 2^-60 of the result. Within 1.5 units in the last place. 0 → −∞; negative and NaN → NaN; ∞ → ∞.
 */
export function exactLog(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  const { mantissa, exponent } = splitDouble(x);
  const f = mantissa - 1;
  const small = logOnePlus(f);
  return exponent * ln2High + (small + exponent * ln2Low);
}

/** ln(1 + x), also where 1 + x would round x away. x < −1 and NaN → NaN; −1 → −∞. */
export function exactLog1p(x: number): number {
  if (x > -0.25 && x < 0.4) return logOnePlus(x);
  const sum = 1 + x;
  if (!(sum > 0) || sum === Infinity) return exactLog(sum);
  // What the sum rounded away, to first order.
  const lost = sum > 2 ? 1 - (sum - x) : x - (sum - 1);
  return exactLog(sum) + lost / sum;
}

/** ln(1 + f) for |f| < 0.5 or so: f − (f²/2 − s · (f²/2 + R)), where 2 artanh s = 2s + s·R and 2s = f − s·f keep the leading f exact. */
function logOnePlus(f: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const rest =
    z *
    (2 / 3 +
      z *
        (2 / 5 +
          z *
            (2 / 7 +
              z *
                (2 / 9 +
                  z *
                    (2 / 11 +
                      z * (2 / 13 + z * (2 / 15 + z * (2 / 17 + z * (2 / 19 + z * (2 / 21 + (z * 2) / 23))))))))));
  const half = 0.5 * f * f;
  return f - (half - s * (half + rest));
}
