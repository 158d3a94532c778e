/** A day of the Gregorian calendar. Month and day from 0; `dayOfYear` from 0. */
export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfYear: number;
}

const monthStarts = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] as const;

/**
 * The date of a day counted from 1 January 1970, by whole numbers alone. Years begin in March, so that a leap day is the last one.
 * Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
 */
export function civilDate(days: number): CivilDate {
  const sinceEra = days + 719_468;
  const era = Math.floor(sinceEra / 146_097);
  const dayOfEra = sinceEra - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayFromMarch = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayFromMarch + 2) / 153);
  const day = dayFromMarch - Math.floor((153 * monthFromMarch + 2) / 5);
  const month = (monthFromMarch + 2) % 12;
  const year = yearOfEra + era * 400 + (month <= 1 ? 1 : 0);
  const leap = month > 1 && yearLength(year) === 366 ? 1 : 0;
  return { year, month, day, dayOfYear: monthStarts[month]! + leap + day };
}

/** Days of a year. */
export function yearLength(year: number): 365 | 366 {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 366 : 365;
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * Days from 1 January 1970 to a date; month and day from 0, as in {@link CivilDate}. NaN for a date that no calendar has.
 * Source: H. Hinnant, as above, days_from_civil.
 */
export function daysOfDate(year: number, month: number, day: number): number {
  const length = monthLengths[month];
  if (length === undefined || day < 0 || day >= length + (month === 1 && yearLength(year) === 366 ? 1 : 0)) return NaN;
  const fromMarch = month <= 1 ? year - 1 : year;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const dayFromMarch = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayFromMarch;
  return era * 146_097 + dayOfEra - 719_468;
}
