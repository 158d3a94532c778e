import type { CategoricalStatistics, ColumnStatistics, NumericStatistics } from '@adstocrat/statistics';
import type { ColumnSchema } from './data-schema.ts';
import { jensenShannonBits } from './drift-comparator.ts';
import { unitFactor } from './unit-factor.ts';

/** Jensen–Shannon divergence between two spans above which a column is said to have drifted. */
const driftBits = 0.1;
/** Share of rows outside the known domain above which it is said. */
const unseenShare = 0.01;
/** Standard deviations by which a mean, and the factor by which a deviation, must move to be said. */
const [meanDeviations, spreadFactor] = [1, 2];
/** A column with more different values than this share of its rows is one of names: it has no distribution to compare. */
const namesShare = 0.05;

interface Finding {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

/** How a column departs from what was known of it. A column that was empty has no type yet. `isAsked`: the task asks for another type than before. */
export function compareColumn(
  known: ColumnSchema,
  before: ColumnStatistics | undefined,
  now: ColumnStatistics,
  rows: number,
  isAsked = false,
): readonly Finding[] {
  if (before?.present === 0) return [];
  const missing = presence(known, now, rows);
  if (now.present === 0) return missing;
  if ((known.type === 'string') !== (now.type === 'string')) {
    if (isAsked) return missing;
    const way = known.type === 'string' ? 'vocabulary' : 'numeric';
    return [
      {
        severity: 'error',
        message: `the type was ${known.type} and is ${now.type} (task.yaml: features: {${known.name}: ${way}} reads it as before)`,
      },
    ];
  }
  const rescaled = known.role === 'feature' && !isAsked ? unitChange(known, before, now) : undefined;
  if (rescaled !== undefined) return [...missing, { severity: 'error', message: rescaled }];
  const drifted =
    known.role === 'feature' && before !== undefined ? [...drift(before, now), ...shift(before, now)] : [];
  return [...missing, ...unseen(known, now), ...drifted].map((one) =>
    typeof one === 'string' ? { severity: 'warning', message: one } : one,
  );
}

function presence(known: ColumnSchema, now: ColumnStatistics, rows: number): readonly Finding[] {
  const share = rows === 0 ? 0 : now.present / rows;
  if (share >= known.minPresence) return [];
  const message = `present in ${percent(share)} of the rows, expected at least ${percent(known.minPresence)}`;
  return [{ severity: share === 0 ? 'error' : 'warning', message }];
}

function unseen({ domain }: ColumnSchema, { categorical, present }: ColumnStatistics): readonly string[] {
  if (domain === undefined || categorical === undefined) return [];
  const seen = new Set(domain);
  const strange = categorical.top.filter(({ value }) => !seen.has(value));
  const share = strange.reduce((sum, { count }) => sum + count, 0) / Math.max(1, present);
  if (share <= unseenShare) return [];
  return [`${percent(share)} of the values were never seen before, for example "${strange[0]?.value ?? ''}"`];
}

/** Of values that are named, all of them on both sides. */
function drift(before: ColumnStatistics, now: ColumnStatistics): readonly string[] {
  const [was, is] = [before.categorical, now.categorical];
  if (was === undefined || is === undefined) return [];
  if (was.distinct > was.top.length || is.distinct > is.top.length || is.distinct > namesShare * now.present) return [];
  const histogram = ({ top }: CategoricalStatistics): Map<string, number> =>
    new Map(top.map(({ value, count }) => [value, count]));
  const bits = jensenShannonBits(histogram(was), histogram(is));
  return bits > driftBits ? [`drifted by ${bits.toFixed(3)} bits (Jensen–Shannon), the limit is ${driftBits}`] : [];
}

/** Of numbers: where they lie, and how far apart. */
function shift(before: ColumnStatistics, now: ColumnStatistics): readonly string[] {
  const [was, is] = [before.numeric, now.numeric];
  if (was === undefined || is === undefined || isNumbered(before) || isNumbered(now)) return [];
  const moved = Math.abs(is.mean - was.mean) > meanDeviations * Math.max(was.deviation, Math.abs(was.mean) * 1e-9);
  const factor = Math.max(was.deviation, is.deviation) / Math.min(was.deviation, is.deviation);
  if (!moved && !(factor > spreadFactor)) return [];
  // A hundredth of a deviation shows, however far from 0 the numbers lie.
  const size = Math.max(Math.abs(was.mean), Math.abs(is.mean)) / Math.min(was.deviation, is.deviation);
  const digits = Number.isFinite(size) ? Math.min(15, Math.max(4, Math.ceil(Math.log10(size)) + 2)) : 4;
  const mean = (of: NumericStatistics): string => shown(of.mean, digits);
  return [`the mean was ${mean(was)} (deviation ${shown(was.deviation)}) and is ${mean(is)} (${shown(is.deviation)})`];
}

/** Numbers in what looks like another unit: a model trained on them would misread what servers are still sent. */
function unitChange(
  { name, asked }: ColumnSchema,
  before: ColumnStatistics | undefined,
  now: ColumnStatistics,
): string | undefined {
  const [was, is] = [before?.numeric, now.numeric];
  if (before === undefined || was === undefined || is === undefined || isNumbered(before) || isNumbered(now))
    return undefined;
  const factor = unitFactor(was, is);
  if (factor === undefined) return undefined;
  const median = ({ deciles }: NumericStatistics): string => shown(deciles[5] ?? NaN);
  const times = factor > 1 ? `${shown(factor, 3)} times` : `a ${shown(1 / factor, 3)}th of`;
  const other = asked === undefined ? 'numeric' : '{description: auto}';
  return `all values are about ${times} what they were (the median was ${median(was)} and is ${median(is)}), as if of another unit: write them in the one of before; if they are right, task.yaml: features: {${name}: ${other}} takes them`;
}

/** Whole numbers that nearly all differ count something. */
function isNumbered({ categorical, present }: ColumnStatistics): boolean {
  return categorical !== undefined && categorical.distinct > 0.9 * present;
}

const shown = (number: number, digits = 4): string => String(Number(number.toPrecision(digits)));
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
