import { describe, expect, it } from 'vitest';
import { columnFrom } from '../../testing/fit-on.ts';
import { timeAt, timeFormat } from './time-format.ts';

function found(cells: readonly (string | number)[]): string | undefined {
  const figure = timeFormat(0);
  figure.add({ columns: [columnFrom(cells)], rows: cells.length, firstRow: 0, labels: [], folds: [] });
  return figure.result();
}

describe('timeFormat', () => {
  it.each<[string, readonly number[]]>([
    // By the largest magnitude.
    ['epoch-seconds', [0, 99_999_999_999]],
    ['epoch-milliseconds', [0, 1e11]],
    ['epoch-milliseconds', [-1e11, 5]],
    ['epoch-milliseconds', [99_999_999_999_999]],
    ['epoch-microseconds', [1e14, 5]],
    // By the digits, where more than half are days or hours of this century.
    ['yyyymmdd', [20000101]],
    ['yyyymmdd', [20991231, NaN, NaN]],
    ['yyyymmdd', [20250101, 20250102, 5]],
    ['epoch-seconds', [20250101, 5]],
    ['epoch-seconds', [19991231]],
    ['epoch-seconds', [21000101]],
    ['epoch-seconds', [20251301]],
    ['yymmddhh', [14102100]],
    ['yymmddhh', [69123123, NaN]],
    ['yymmddhh', [14102100, 14102101, 5]],
    // The hour 00 of 1 January 2001: a number begins with no zero.
    ['yymmddhh', [1010100]],
    ['epoch-seconds', [14102100, 5]],
    ['epoch-seconds', [70010100]],
    ['epoch-seconds', [14102124]],
  ])('is %s for %j', (format, cells) => {
    expect(found(cells)).toBe(format);
  });

  it.each<[string | undefined, readonly string[]]>([
    ['iso-8601', []],
    ['iso-8601', ['no time']],
    ['iso-8601', ['2025-12-31', '31.12.2025']],
    ['dd.mm.yyyy', ['31.12.2025']],
    ['dd.mm.yyyy', ['31.12.2025', '2025-12-31', '30.12.2025']],
    ['dd/mm/yyyy', ['31/12/2025']],
    ['dd/mm/yyyy', ['1/2/2025', '31/12/2025']],
    ['mm/dd/yyyy', ['12/31/2025']],
    ['mm/dd/yyyy', ['1/2/2025', '12/31/2025']],
    // Either may be the day.
    [undefined, ['1/2/2025']],
    [undefined, ['31/12/2025', '12/31/2025']],
  ])('is %s for %j', (format, cells) => {
    expect(found(cells.length === 0 ? [''] : cells)).toBe(format);
  });
});

describe('a number as a time', () => {
  const lastMs = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  it.each<[number, Parameters<typeof timeAt>[2], number]>([
    [1.5, 'epoch-seconds', 1500],
    [1.9995, 'epoch-seconds', 1999],
    [1.5, 'epoch-milliseconds', 1],
    [-1, 'epoch-microseconds', -1],
    [1_999_999, 'epoch-microseconds', 1999],
    [1_000_000, 'iso-8601', 1_000_000],
    // To the end of the year 9999, and as far before 1970.
    [lastMs, 'epoch-milliseconds', lastMs],
    [-lastMs, 'epoch-milliseconds', -lastMs],
    [lastMs + 1, 'epoch-milliseconds', NaN],
    [lastMs / 1000, 'epoch-seconds', lastMs],
    [253_402_300_800, 'epoch-seconds', NaN],
    [20251231, 'yyyymmdd', Date.UTC(2025, 11, 31)],
    [5123123, 'yymmddhh', Date.UTC(2005, 11, 31, 23)],
    [NaN, 'epoch-seconds', NaN],
    [NaN, 'yyyymmdd', NaN],
  ])('%d in %s is %d', (value, format, time) => {
    expect(timeAt(columnFrom([value]), 0, format)).toBe(time);
  });

  it('is of the zone that is given, where its text has none', () => {
    expect(timeAt(columnFrom(['2025-12-31 23:00:00']), 0, 'iso-8601')).toBe(Date.UTC(2025, 11, 31, 23));
    expect(timeAt(undefined, 0, 'iso-8601')).toBeNaN();
    expect(timeAt(columnFrom(['x', null]), 1, 'iso-8601')).toBeNaN();
  });
});
