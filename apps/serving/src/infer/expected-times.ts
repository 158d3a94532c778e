import type { ColumnarBatch, TimeFormat } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import { requestTimes, timeAt } from '@adstocrat/transforms';

/** Years around the events that a model learned from in which requests are asked: it is served after them, and replays come before. */
const years = 10;

/** The event times that a model expects. */
export interface ExpectedTimes {
  readonly column: string;
  readonly format: TimeFormat;
  /** Unix milliseconds, both within. */
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** Undefined where the model has no event time, or its servable does not tell those that it learned from. */
export function expectedTimes({ manifest, transform }: LoadedServable): ExpectedTimes | undefined {
  const { roles, timeRangeMs } = manifest;
  const column = roles.eventTime;
  const format = column === undefined ? undefined : requestTimes(transform, column).get(column);
  if (column === undefined || format === undefined || timeRangeMs === undefined) return undefined;
  const [first, last] = timeRangeMs;
  return { column, format, earliestMs: yearsFrom(first, -years), latestMs: yearsFrom(last, years) };
}

/** Rows whose event time is not among those; without a zone, which is less than a day. A row without a time is not counted. */
export function unexpectedTimes(
  { column, format, earliestMs, latestMs }: ExpectedTimes,
  { columns, rows }: ColumnarBatch,
): number {
  const values = columns.get(column);
  if (values === undefined) return 0;
  let count = 0;
  for (let row = 0; row < rows; row += 1) {
    const time = timeAt(values, row, format);
    if (time < earliestMs || time > latestMs) count += 1;
  }
  return count;
}

function yearsFrom(timeMs: number, count: number): number {
  const date = new Date(timeMs);
  return date.setUTCFullYear(date.getUTCFullYear() + count);
}
