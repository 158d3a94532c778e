import type { TimeFormat } from '@adstocrat/examples';

/** Where the times of a column lie, at `timeProbabilities`; empty where that is not known. */
export type TimesOf = (time: { readonly column: string; readonly format: TimeFormat }) => readonly number[];

const [dayMs, yearMs] = [86_400_000, 365.25 * 86_400_000];
/** Logs of events are no longer, and do not begin earlier: what is and does are days of birth, of founding, of printing. */
const [mostYears, earliest] = [20, Date.UTC(1995)];

/** Why times are hardly those of events, in words; undefined where they may be. `times`: at `timeProbabilities`. */
export function whyNoEvents(times: readonly number[]): string | undefined {
  // The first and the last percent may be anything.
  const [low, high] = [times[1], times[4]];
  if (low === undefined || high === undefined) return undefined;
  const between = `${yearOf(low)} to ${yearOf(high)}`;
  if (high - low > mostYears * yearMs) return `its times lie over more than ${mostYears} years, ${between}`;
  return low < earliest ? `its times begin before 1995, ${between}` : undefined;
}

/** Whether all are days, without a time of day. */
export function areDays(times: readonly number[]): boolean {
  return times.length > 0 && times.every((time) => time % dayMs === 0);
}

function yearOf(ms: number): number {
  return new Date(ms).getUTCFullYear();
}
