import type { TimeFormat } from '@adstocrat/examples';

/** The format that was found. Throws `RangeError` where none was: days and months cannot be told apart. */
export function writtenAs(format: TimeFormat | undefined): TimeFormat {
  if (format === undefined)
    throw new RangeError('day and month cannot be told apart: give format: dd/mm/yyyy or format: mm/dd/yyyy');
  return format;
}
