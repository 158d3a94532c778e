import type { ColumnType } from './columnar-batch.ts';

/** One cell as it came: text of a CSV, a JSON value, an element of a tensor. Null and undefined are missing. */
export type RawValue = string | number | bigint | boolean | null | undefined;

/** What a cell of a numeric column says where it says nothing, in lower case. In a text column they are text: NA is Namibia. */
export const missingWords: ReadonlySet<string> = new Set([
  '',
  '-',
  '--',
  '?',
  '.',
  'na',
  'n/a',
  '#n/a',
  '<na>',
  'nan',
  'null',
  'none',
  'nil',
  'missing',
  '\\n',
  // What pandas takes for none, and C and workbooks write where a number came to nothing.
  '#na',
  '-nan',
  '#div/0!',
  '#name?',
  '#null!',
  '#num!',
  '#ref!',
  '#value!',
]);

/** Largest magnitude up to which every whole number is one double. */
const largestInteger = 2 ** 53;

/** A cell of a text column: null where missing (absent, empty, NaN), undefined where it is no text: it holds a NUL. */
export function textOf(raw: RawValue): string | null | undefined {
  if (typeof raw === 'string') {
    if (raw === '') return null;
    if (raw.includes('\u0000')) return undefined;
    // Half a character, which JSON can say, is what UTF-8 writes for it: files and databases hold nothing else.
    return canonicalText(raw.isWellFormed() ? raw : raw.toWellFormed());
  }
  if (raw == null || Number.isNaN(raw)) return null;
  return String(raw);
}

/**
 * One text for one value, however it came: a whole number without its `.0` (pandas writes ids so beside missing ones), a boolean in
 * lower case (JSON's, where pandas writes `True`). `007` and `1.10` are names, and stay.
 */
export function canonicalText(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  if (last === 0x30) return /^-?(?:0|[1-9]\d*)\.0+$/.test(text) ? wholeNumeral(text) : text;
  if ((last | 0x20) === 0x65 && (text.length === 4 || text.length === 5)) return booleanWords.get(text) ?? text;
  return text;
}

const booleanWords: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['TRUE', 'true'],
  ['False', 'false'],
  ['FALSE', 'false'],
]);

function wholeNumeral(text: string): string {
  const whole = text.slice(0, text.indexOf('.'));
  return whole === '-0' ? '0' : whole;
}

/**
 * A cell of a float column: NaN where missing, undefined where it is no finite number. Decimal numerals only, blanks around them
 * allowed: no hexadecimal, no separators of thousands. A bigint is rounded to the nearest double.
 */
export function numberOf(raw: RawValue): number | undefined {
  switch (typeof raw) {
    case 'number':
      return raw === Infinity || raw === -Infinity ? undefined : raw;
    case 'bigint':
    case 'boolean':
      return Number(raw);
    case 'string':
      return numeral(raw);
    default:
      return NaN;
  }
}

/** A cell of an integer column: NaN where missing, undefined where it is no whole number up to 2^53. `5.0` and `1e3` are whole. */
export function integerOf(raw: RawValue): number | undefined {
  const value = numberOf(raw);
  if (value === undefined || Number.isNaN(value)) return value;
  if (!Number.isInteger(value) || Math.abs(value) > largestInteger) return undefined;
  // At 2^53 itself, 2^53 + 1 reads alike.
  if (Math.abs(value) === largestInteger && typeof raw !== 'number' && BigInt(String(raw).trim()) !== BigInt(value))
    return undefined;
  return value;
}

function numeral(text: string): number | undefined {
  const value = Number(text);
  if (Number.isFinite(value)) {
    // Number() takes a blank for 0, and reads 0x, 0o and 0b.
    if (value === 0 && text.trim() === '') return NaN;
    return /^\s*0[xob]/i.test(text) ? undefined : value;
  }
  return missingWords.has(text.trim().toLowerCase()) ? NaN : undefined;
}

const withComma = /^\s*[+-]?(?:\d+(?:,\d+)?|[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?)\s*$/;

/** A cell of a column with a decimal comma as it is written with a point: `1.025,46` and `1.025` have points of thousands. What is none stays. */
export function pointedCell(cell: string): string {
  return withComma.test(cell) ? cell.replaceAll('.', '').replace(',', '.') : cell;
}

/** Why a cell is no value of a type, for people; the cell is shortened. For what the functions above answer with undefined. */
export function whyNoValue(type: ColumnType, raw: RawValue): string {
  const shown = typeof raw === 'string' ? JSON.stringify(raw.length > 60 ? `${raw.slice(0, 60)}…` : raw) : String(raw);
  if (type === 'string') return `${shown} holds a NUL`;
  const value = numberOf(raw);
  if (value === undefined) return `${shown} is no finite number`;
  return Number.isInteger(value) ? `${shown} is beyond 2^53` : `${shown} is no whole number`;
}
