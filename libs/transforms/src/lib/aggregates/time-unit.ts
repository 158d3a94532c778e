import { numberAt } from '../read-values.ts';
import type { Columns } from '../operation.ts';
import { parseTime } from '../parse-time.ts';
import type { Aggregate, TrainingRows } from './aggregate.ts';

/** Milliseconds in one unit of a numeric time: seconds, milliseconds, microseconds or nanoseconds since 1970. */
export type MsPerUnit = 1000 | 1 | 0.001 | 0.000001;

/**
 * In which unit a numeric column tells time, by its largest magnitude: up to 10^11 (the year 5138 in seconds, March 1973 in
 * milliseconds) seconds, and so on by thousands. A text column is in no unit: 1.
 */
export function timeUnit(position: number): Aggregate<MsPerUnit> {
  let largest = 0;
  let numeric = false;
  return {
    add({ columns, rows }: TrainingRows) {
      const column = columns[position];
      if (column === undefined || column.type === 'string') return;
      numeric = true;
      for (let row = 0; row < rows; row += 1) {
        const size = Math.abs(numberAt(column, row));
        if (size > largest && size < Infinity) largest = size;
      }
    },
    result: () => (!numeric ? 1 : largest < 1e11 ? 1000 : largest < 1e14 ? 1 : largest < 1e17 ? 0.001 : 0.000001),
  };
}

/** 100 million days around 1970: what a date can be. Beyond them a day is no whole number of milliseconds any more. */
const largestMs = 8.64e15;

/** A cell as whole Unix milliseconds, NaN where it is none: a number in its unit, text as `parseTime` reads it. */
export function timeIn(columns: Columns, position: number, row: number, unit: MsPerUnit): number {
  const value = columns[position]?.values[row];
  if (typeof value !== 'number') return value == null ? NaN : parseTime(value);
  // By division where the unit is the smaller one: that rounds once.
  const time = unit >= 1 ? value * unit : value / (unit === 0.001 ? 1e3 : 1e6);
  return Math.abs(time) <= largestMs ? Math.floor(time) : NaN;
}
