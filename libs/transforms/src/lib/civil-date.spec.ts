import { describe, expect, it } from 'vitest';
import { civilDate, daysOfDate } from './civil-date.ts';

describe('a date of the calendar', () => {
  it('is Date’s, and the way back, for every day of 900 years and far ones', () => {
    const days = [...Array.from({ length: 330_000 }, (_, index) => index - 165_000), -800_000, 2_900_000];
    const date = new Date(0);
    const wrong = days.filter((day) => {
      date.setTime(day * 86_400_000);
      const found = civilDate(day);
      const sameDate =
        found.year === date.getUTCFullYear() &&
        found.month === date.getUTCMonth() &&
        found.day + 1 === date.getUTCDate();
      const newYear = daysOfDate(found.year, 0, 0);
      return !sameDate || daysOfDate(found.year, found.month, found.day) !== day || found.dayOfYear !== day - newYear;
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    [2026, 1, 28],
    [2100, 1, 28],
    [2026, 12, 0],
    [2026, -1, 0],
    [2026, 3, 30],
    [2026, 0, -1],
    [2026, NaN, 0],
  ])('is none of %i, month %i, day %i from 0', (year, month, day) => {
    expect(daysOfDate(year, month, day)).toBeNaN();
  });

  it('is none of a day behind the last of its month', () => {
    for (const year of [2023, 2024, 2000, 1900])
      for (let month = 0; month < 12; month += 1) {
        const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
        expect(daysOfDate(year, month, length - 1)).toBe(Date.UTC(year, month, length) / 86_400_000);
        expect(daysOfDate(year, month, length)).toBeNaN();
      }
  });
});
