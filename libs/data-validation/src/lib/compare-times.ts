const yearMs = 365.25 * 86_400_000;
/** Logs that follow each other lie no further apart: times that do are misread, as seconds that are taken for milliseconds. */
const mostYears = 20;

type Range = readonly [firstMs: number, lastMs: number];

/** Why the events of a span hardly follow those of the one before it, in words; undefined where they may. */
export function timesApart(before: Range, now: Range): string | undefined {
  const years = Math.max(before[0] - now[1], now[0] - before[1]) / yearMs;
  if (!(years > mostYears)) return undefined;
  const between = ([first, last]: Range): string => [...new Set([yearOf(first), yearOf(last)])].join(' to ');
  return `events are of ${between(now)}, those of the span before of ${between(before)}: is it another unit, or another format? (task.yaml: timeFormat; data that is so far away is another task's)`;
}

function yearOf(ms: number): number {
  return new Date(ms).getUTCFullYear();
}
