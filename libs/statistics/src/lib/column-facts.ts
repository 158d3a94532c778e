import { type DigitFormat, digitFormats } from '@adstocrat/examples';

/**
 * What a cell of a text column looks like. Each cell is of one kind: the first that fits, but for `empty` and `text` in this order.
 */
export const cellKinds = [
  /** Nothing, or blanks. */
  'empty',
  /** Digits, up to 2^53, as a number is written: no leading zero, no plus. */
  'integer',
  /** More digits than a number holds exactly. */
  'big',
  /** Digits with a leading zero: a code, such as 007. */
  'padded',
  /** Any other finite number. */
  'decimal',
  /** Digits and a point before the last three, no zero first: 1.025 is a number with a point, or a thousand. */
  'pointed',
  /** One of the `missingWords`. */
  'word',
  /** `inf`, `-Infinity`, `1e400`. */
  'infinite',
  /** A number that can only have a decimal comma: 3,14, 0,870, 1.025,46. */
  'comma',
  /** Digits and a comma before the last three, no zero first: 1,234 is a thousand or one point two. */
  'grouped',
  /** Points before each three digits, 1.234.567: a number where commas are decimal. */
  'thousands',
  'iso-8601',
  'dd.mm.yyyy',
  'rfc-2822',
  'yyyy/mm/dd',
  /** A time that names its month: 31-Dec-2025, 31/Dec/2025:10:20:30 +0000, Dec 31, 2025. */
  'month-name',
  /** A date such as 31/12/2025, 12-31-2025, and 01/02/2026, which may be either. */
  'dd/mm/yyyy',
  'mm/dd/yyyy',
  'slashed',
  /** The same with a year of two digits, 31.12.25, 31/12/25, 12-31-25, 01/02/26: or a version, a size, a part's number. */
  'dd.mm.yy',
  'dd/mm/yy',
  'mm/dd/yy',
  'slashed-yy',
  /** A number as people write it: `1,234.50`, `1.234,50`, `$5`, `12%`, `12 km`, `1.5K`. */
  'written',
  'text',
] as const;
export type CellKind = (typeof cellKinds)[number];

/** What is in a raw column, over all rows. Nothing is typed yet. */
export interface ColumnFacts {
  readonly name: string;
  readonly rows: number;
  /** Cells of each kind. */
  readonly cells: Readonly<Record<CellKind, number>>;
  /** A cell of each kind that there is: the least by its bytes. */
  readonly examples: Readonly<Partial<Record<CellKind, string>>>;
  /** Cells of digits that would be times of the years 2000 to 2099. */
  readonly digitTimes: Readonly<Record<DigitFormat, number>>;
  /** Cells of text with several words, or of a script without blanks between them. */
  readonly worded: number;
  /** Different cells that are not empty; about, where it is far from their number. */
  readonly distinct: number;
}

/** Of a column without a cell that may be a time by its digits. */
export const noDigitTimes: ColumnFacts['digitTimes'] = Object.freeze(
  Object.fromEntries(digitFormats.map((format) => [format, 0])) as Record<DigitFormat, number>,
);
