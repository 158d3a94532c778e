import { numberOf } from './cell-value.ts';
import { monthNumber, readNamedMonth, wholeYear } from './named-month.ts';
import type { Zone } from './zone.ts';

/** How a column's times are written. Without a zone they are of the task's, UTC where it names none. */
export const timeFormats = [
  /** `2026-01-31`, `2026-01-31T10:20:30.5Z`, `2026-01-31 10:20 +01:00`. */
  'iso-8601',
  /** Since 1970, with decimals where there are some. */
  'epoch-seconds',
  'epoch-milliseconds',
  'epoch-microseconds',
  /** `31.12.2025 10:20:30`, the time of day may be left out, here and below. */
  'dd.mm.yyyy',
  /** With slashes or dashes, as the next one. */
  'dd/mm/yyyy',
  /** `12/31/2025 10:20:30`, `12-31-2025 3:04 PM`. */
  'mm/dd/yyyy',
  /** The same three with a year of two digits (of 1970 to 2069), or of four: `31.12.25`, `31-12-25 10:20`, `12/31/25 3:04 PM`. */
  'dd.mm.yy',
  'dd/mm/yy',
  'mm/dd/yy',
  /** `2025/12/31 10:20:30`. */
  'yyyy/mm/dd',
  /** `31-Dec-2025`, `[31/Dec/2025:10:20:30 +0000]`, `December 31, 2025 3:04 PM`, `Wed Dec 31 10:20:30 UTC 2025`. */
  'month-name',
  /** `Wed, 31 Dec 2025 10:20:30 +0100`. */
  'rfc-2822',
  /** `20251231`, with the hour, the minute, the second and milliseconds behind it, each or none: `20251231102030`. */
  'yyyymmdd',
  /** `25123110`: two digits each of year (from 1970), month, day and hour. */
  'yymmddhh',
] as const;
export type TimeFormat = (typeof timeFormats)[number];

/** Formats whose digits stand for year, month, day and on. */
export const joinedFormats = ['yyyymmdd', 'yymmddhh'] as const;
export type JoinedFormat = (typeof joinedFormats)[number];

/** Formats whose times are whole numbers, told by their digits. */
export const digitFormats = [...joinedFormats, 'epoch-seconds', 'epoch-milliseconds', 'epoch-microseconds'] as const;
export type DigitFormat = (typeof digitFormats)[number];

/** Formats whose years may have two digits, each beside the one of four: versions and sizes look like them too. */
export const shortYearFormats = {
  'dd.mm.yyyy': 'dd.mm.yy',
  'dd/mm/yyyy': 'dd/mm/yy',
  'mm/dd/yyyy': 'mm/dd/yy',
} as const;
export type ShortYearFormat = (typeof shortYearFormats)[keyof typeof shortYearFormats];

/** The others: told by their form, whatever stands in them. */
export type WrittenFormat = Exclude<TimeFormat, DigitFormat | ShortYearFormat>;
export const writtenFormats: readonly WrittenFormat[] = timeFormats.filter(
  (format): format is WrittenFormat =>
    !(digitFormats as readonly TimeFormat[]).includes(format) && !isShortYear(format),
);

const iso =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(?: ?(Z|UTC|[+-]\d{2}(?::?\d{2})?))?$/;
const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?: (\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?$/;
const slashed =
  /^(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})(?: (\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?: ?([AaPp][Mm]))?)?$/;
const yearFirst = /^(\d{4})\/(\d{1,2})\/(\d{1,2})(?: (\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?$/;
const mail =
  /^(?:[A-Za-z]{3}, ?)?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? (GMT|UT|UTC|Z|[+-]\d{4})$/;

const joined = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(\d{3})?)?)?)?$/;
const joinedHours = /^(\d{2})(\d{2})(\d{2})(\d{2})$/;

export function isJoined(format: TimeFormat): format is JoinedFormat {
  return (joinedFormats as readonly TimeFormat[]).includes(format);
}

export function isShortYear(format: TimeFormat): format is ShortYearFormat {
  return (Object.values(shortYearFormats) as readonly TimeFormat[]).includes(format);
}

/** Whether a cell that is a time of the format says nothing of its zone. */
export function writesNoZone(cell: string, format: TimeFormat): boolean {
  if (format === 'iso-8601') return iso.exec(cell.trim())?.[8] === undefined;
  if (format === 'month-name') return readNamedMonth(cell.trim())?.zone === undefined;
  return format !== 'rfc-2822' && !format.startsWith('epoch-');
}

/**
 * A cell as Unix milliseconds, cut down to whole ones. NaN for what is no time of the format: no 30 February, no 25 o'clock. `zone`:
 * whose clock shows what is written without a zone; UTC where it is left out.
 */
export function readTime(cell: string, format: TimeFormat, zone?: Zone): number {
  const ms = readUtc(cell.trim(), format);
  return zone !== undefined && writesNoZone(cell, format) ? zone.utcOf(ms) : ms;
}

function readUtc(text: string, format: TimeFormat): number {
  switch (format) {
    case 'iso-8601': {
      const [whole, year, month, day, hour, minute, second, fraction, zone = 'Z'] = iso.exec(text) ?? [];
      return whole === undefined ? NaN : moment([year, month, day, hour, minute, second], fraction, zone);
    }
    case 'dd.mm.yyyy':
    case 'dd.mm.yy': {
      const [, day, month, year = '', hour, minute, second, fraction] = dotted.exec(text) ?? [];
      if (!isYearOf(format, year)) return NaN;
      return moment([wholeYear(year), month, day, hour, minute, second], fraction, 'Z');
    }
    case 'dd/mm/yyyy':
    case 'mm/dd/yyyy':
    case 'dd/mm/yy':
    case 'mm/dd/yy': {
      const [, one, , two, year = '', hour, minute, second, fraction, half] = slashed.exec(text) ?? [];
      if (!isYearOf(format, year)) return NaN;
      const [day, month] = format.startsWith('dd') ? [one, two] : [two, one];
      const clock = half === undefined ? hour : hourOf(Number(hour), half);
      return moment([wholeYear(year), month, day, clock, minute, second], fraction, 'Z');
    }
    case 'yyyy/mm/dd': {
      const [whole, year, month, day, hour, minute, second, fraction] = yearFirst.exec(text) ?? [];
      return whole === undefined ? NaN : moment([year, month, day, hour, minute, second], fraction, 'Z');
    }
    case 'month-name': {
      const said = readNamedMonth(text);
      if (said === undefined) return NaN;
      const { year = '', month = '', day, hour, minute, second, fraction, half, zone = 'Z' } = said;
      const clock = half === undefined ? hour : hourOf(Number(hour), half);
      return moment([wholeYear(year), monthNumber(month), day, clock, minute, second], fraction, zone);
    }
    case 'rfc-2822': {
      const [whole, day, month = '', year, hour, minute, second, zone = 'Z'] = mail.exec(text) ?? [];
      return whole === undefined ? NaN : moment([year, monthNumber(month), day, hour, minute, second], undefined, zone);
    }
    case 'yyyymmdd': {
      const [whole, year, month, day, hour, minute, second, fraction] = joined.exec(text) ?? [];
      return whole === undefined ? NaN : moment([year, month, day, hour, minute, second], fraction, 'Z');
    }
    case 'yymmddhh': {
      const [whole, year = '', month, day, hour] = joinedHours.exec(text) ?? [];
      return whole === undefined ? NaN : moment([wholeYear(year), month, day, hour], undefined, 'Z');
    }
    default: {
      const scale = { 'epoch-seconds': 1000, 'epoch-milliseconds': 1, 'epoch-microseconds': 0.001 }[format];
      const ms = Math.floor((numberOf(text) ?? NaN) * scale);
      return Math.abs(ms) <= farthestMs ? ms : NaN;
    }
  }
}

/** '' where nothing was found. */
function isYearOf(format: TimeFormat, year: string): boolean {
  return year.length === 4 || (year.length === 2 && isShortYear(format));
}

/** The last millisecond of the year 9999: a count beyond it is of a smaller unit than the format's. */
export const farthestMs = 253_402_300_799_999;

function moment(parts: readonly (string | number | undefined)[], fraction: string | undefined, zone: string): number {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) => Number(part ?? 0));
  if (!(month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59 && second <= 59)) return NaN;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1) return NaN;
  const ms = Number((fraction ?? '').slice(0, 3).padEnd(3, '0'));
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + ms - zoneMinutes(zone) * 60_000;
}

/** 12 AM is midnight, 12 PM noon; NaN for what is no hour of twelve. */
function hourOf(hour: number, half: string): string {
  if (hour < 1 || hour > 12) return 'NaN';
  return String((hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0));
}

function zoneMinutes(zone: string): number {
  if (!/^[+-]/.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0);
  return zone.startsWith('-') ? -minutes : minutes;
}
