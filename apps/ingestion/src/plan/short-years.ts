import type { ColumnFacts } from '@adstocrat/statistics';
import { isNamedAsTime } from './named-as-time.ts';
import { hasShortYears, type Reading, shortYearKinds } from './time-reading.ts';

/** Versions, sizes and numbers of parts have few that look like days, or they lie far apart. */
const [fewestDays, leastShare] = [24, 0.1];
const dayMs = 86_400_000;

/**
 * Why a column that is read as dates with years of two digits may be something else, in words; undefined where it hardly is, and of other
 * columns. That they are times is said by a time of day, by the column's name, or by many days close together. `times`: at
 * `timeProbabilities`.
 */
export function whyDoubtful(
  { name, cells, examples, distinct }: Pick<ColumnFacts, 'name' | 'cells' | 'examples' | 'distinct'>,
  reading: Pick<Reading, 'format' | 'times'>,
  times: readonly number[],
): string | undefined {
  if (!hasShortYears(reading, cells)) return undefined;
  if (mayBeYearFirst(times)) return 'a year of two digits that stands first is not read, and theirs may';
  const hasClock = shortYearKinds.some((kind) => examples[kind]?.includes(':'));
  const [low, high] = [times[1], times[4]];
  if (hasClock || isNamedAsTime(name) || low === undefined || high === undefined) return undefined;
  const due = Math.max(fewestDays, (leastShare * (high - low)) / dayMs);
  return distinct >= due ? undefined : 'days without a time of day may be versions, sizes or numbers of parts';
}

/** Whether times of several years all are of one day of a month, as where the year stands first and is read as the day. */
export function mayBeYearFirst(times: readonly number[]): boolean {
  // The first and the last percent may be anything. A zone may shift some to the day before.
  const most = times.slice(1, 5).map((time) => new Date(time));
  const [days, years] = [most.map((time) => time.getUTCDate()), most.map((time) => time.getUTCFullYear())];
  return most.length > 0 && Math.max(...days) - Math.min(...days) <= 1 && Math.max(...years) - Math.min(...years) >= 2;
}
