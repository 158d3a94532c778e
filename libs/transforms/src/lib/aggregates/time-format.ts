import {
  type Column,
  farthestMs,
  isJoined,
  type JoinedFormat,
  joinedFormats,
  readTime,
  type TimeFormat,
  writtenFormats,
  type Zone,
} from '@adstocrat/examples';
import { parseTime } from '../parse-time.ts';
import { numberAt } from '../read-values.ts';
import type { Columns } from '../operation.ts';
import type { Aggregate, TrainingRows } from './aggregate.ts';

/** Formats of text beside ISO 8601, which most have. */
const otherFormats = [...writtenFormats.filter((format) => format !== 'iso-8601'), ...joinedFormats];

/**
 * How a column writes its times: as given, else in the format that most of its cells are read in. Numbers: by their digits where most
 * are days of this century, else in the unit that the largest magnitude says, up to 10^11 seconds (the year 5138), up to 10^14
 * milliseconds, else microseconds. Undefined where as many cells are a day before a month as the other way round: that is not for guessing.
 */
export function timeFormat(position: number, given?: TimeFormat): Aggregate<TimeFormat | undefined> {
  const counts = new Map<TimeFormat, number>();
  let largest = 0;
  let numeric = false;
  let [present, inDays, inHours] = [0, 0, 0];
  return {
    add({ columns, rows }: TrainingRows) {
      const column = columns[position];
      if (given !== undefined || column === undefined) return;
      numeric ||= column.type !== 'string';
      for (let row = 0; row < rows; row += 1) {
        const value = column.values[row];
        if (typeof value === 'string') countFormats(value, counts);
        else {
          const number = numberAt(column, row);
          if (Number.isNaN(number)) continue;
          largest = Math.max(largest, Math.abs(number));
          present += 1;
          if (isOfCentury(number, 'yyyymmdd')) inDays += 1;
          else if (isOfCentury(number, 'yymmddhh')) inHours += 1;
        }
      }
    },
    result() {
      if (given !== undefined) return given;
      if (numeric && 2 * inDays > present) return 'yyyymmdd';
      if (numeric && 2 * inHours > present) return 'yymmddhh';
      if (numeric)
        return largest < 1e11 ? 'epoch-seconds' : largest < 1e14 ? 'epoch-milliseconds' : 'epoch-microseconds';
      let best: TimeFormat | undefined = 'iso-8601';
      for (const [format, count] of counts) if (count > (counts.get(best) ?? 0)) best = format;
      const [days, months] = [counts.get('dd/mm/yyyy') ?? 0, counts.get('mm/dd/yyyy') ?? 0];
      return (best === 'dd/mm/yyyy' || best === 'mm/dd/yyyy') && days === months ? undefined : best;
    },
  };
}

function countFormats(text: string, counts: Map<TimeFormat, number>): void {
  const count = (format: TimeFormat): void => {
    counts.set(format, (counts.get(format) ?? 0) + 1);
  };
  if (!Number.isNaN(parseTime(text))) count('iso-8601');
  else for (const format of otherFormats) if (!Number.isNaN(readTime(text, format))) count(format);
}

/** A cell as whole Unix milliseconds, NaN where it is none: text in the format, a number in its unit, in milliseconds for other formats. */
export function timeIn(columns: Columns, position: number, row: number, format: TimeFormat): number {
  return timeAt(columns[position], row, format);
}

/** See {@link timeIn}. `zone`: of texts that are written without one; UTC where it is left out. */
export function timeAt(column: Column | undefined, row: number, format: TimeFormat, zone?: Zone): number {
  const value = column?.values[row];
  if (typeof value === 'number' && !isJoined(format)) return timeOfNumber(value, format);
  if (value == null || Number.isNaN(value)) return NaN;
  const text = typeof value === 'number' ? digitsOf(value, format) : value;
  if (zone !== undefined) return readTime(text, format, zone);
  return format === 'iso-8601' ? parseTime(text) : readTime(text, format);
}

function timeOfNumber(value: number, format: TimeFormat): number {
  // By division where the unit is the smaller one: that rounds once.
  const time = format === 'epoch-seconds' ? value * 1000 : format === 'epoch-microseconds' ? value / 1000 : value;
  return Math.abs(time) <= farthestMs ? Math.floor(time) : NaN;
}

/** A year of two digits below 10 begins with a zero, which no number does. */
function digitsOf(value: number, format: TimeFormat): string {
  return format === 'yymmddhh' ? String(value).padStart(8, '0') : String(value);
}

/** Whether the digits are a time of the years 2000 to 2099. */
function isOfCentury(value: number, format: JoinedFormat): boolean {
  const digits = digitsOf(value, format);
  if (format === 'yyyymmdd' ? !digits.startsWith('20') : digits >= '7') return false;
  return !Number.isNaN(readTime(digits, format));
}
