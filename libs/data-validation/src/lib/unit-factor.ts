import type { NumericStatistics } from '@adstocrat/statistics';

/** How many times as large or small numbers have become, at least, where a change of unit shows: cents for euros, milliseconds for seconds. */
const leastFactor = 9;
/** By which factor the deciles' ratios may differ among themselves. */
const spread = 1.5;
/** Different deciles that have to agree. */
const fewestDeciles = 3;

/**
 * The factor by which all inner deciles of a column have moved alike, as they do where its numbers are written in another unit; undefined
 * where they have not. Zeros, which are the same in any unit, say nothing.
 */
export function unitFactor(was: NumericStatistics, is: NumericStatistics): number | undefined {
  const inner = was.deciles.slice(1, -1).map((value, index) => [value, is.deciles[index + 1] ?? NaN] as const);
  const told = inner.filter(([before, now]) => before !== 0 || now !== 0);
  if (new Set(told.map(([before]) => before)).size < fewestDeciles) return undefined;
  const ratios = told.map(([before, now]) => now / before).sort((a, b) => a - b);
  const [least, most, middle] = [ratios[0], ratios.at(-1), ratios[ratios.length >>> 1]];
  if (least === undefined || most === undefined || middle === undefined) return undefined;
  if (!(least > 0 && most <= spread * least)) return undefined;
  return middle >= leastFactor || middle <= 1 / leastFactor ? middle : undefined;
}
