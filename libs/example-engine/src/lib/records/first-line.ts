import { type Delimiter, separatorLine } from './dialect.ts';
import { fieldsOf } from './fields-of.ts';
import { RecordReader } from './record-reader.ts';

/** Bytes and records that are looked at. */
const [headBytes, looked] = [1 << 16, 200];
/** Records that tell what a column holds, at least. */
const fewest = 3;
/** A column holds figures where so many of its cells are. */
const most = 0.9;

/** A number or a time: digits, and what stands between them. */
const figure = /^[-+.]?\d[\d.,:/TZ +-]*(?:[eE][-+]?\d+)?$/;
const missing: ReadonlySet<string> = new Set(['', 'na', 'n/a', '#n/a', 'nan', 'null', 'none', '\\n', '-', '?']);

/** Whether a cell is digits, with what stands between them in numbers and times. */
export function isFigure(cell: string): boolean {
  return figure.test(cell);
}

/** Whether a cell may stand in a column of figures: it is one, or missing. */
export function maybeFigure(cell: string): boolean {
  return figure.test(cell) || missing.has(cell.toLowerCase());
}

/** What the first line of a CSV text seems to be. A suspicion: names may be what they like. */
export type FirstLine = 'row' | 'names' | 'unknown';

/**
 * What a CSV text that begins with these bytes (UTF-8) seems to begin with. Names: a word above a column of figures. A row: where columns
 * hold figures the first line has some too and no word, or its words are values below; in two columns at least, and a quarter of them.
 * Years and numbers in succession may be names, as a pivot and pandas write them.
 */
export function firstLineOf(head: Uint8Array, delimiter: Delimiter): FirstLine {
  const [first = [], ...rest] = firstRecords(head.subarray(0, headBytes), delimiter);
  // Names that are there once more, as where files were put together, are no values.
  const below = rest.filter(
    (fields) =>
      fields.length === first.length && (first.length === 1 || fields.some((cell, index) => cell !== first[index])),
  );
  if (below.length < fewest) return 'unknown';
  const figures: string[] = [];
  let evidence = 0;
  for (const [index, cell] of first.entries()) {
    if (missing.has(cell.toLowerCase())) continue;
    const cells = below.map((fields) => fields[index] ?? '').filter((one) => !missing.has(one.toLowerCase()));
    const hasFigures = cells.length > 0 && cells.filter(isFigure).length >= most * cells.length;
    if (hasFigures && !isFigure(cell)) return 'names';
    if (hasFigures) figures.push(cell);
    if (hasFigures || cells.includes(cell)) evidence += 1;
  }
  if (evidence === figures.length && areInSuccession(figures)) return 'unknown';
  return evidence >= Math.max(Math.min(2, first.length), first.length / 4) ? 'row' : 'unknown';
}

/** Without Excel's line about the delimiter, and blank ones above the first. */
function firstRecords(head: Uint8Array, delimiter: Delimiter): readonly (readonly string[])[] {
  const decoder = new TextDecoder();
  const records: (readonly string[])[] = [];
  const reader = new RecordReader(delimiter, {
    record({ bytes, start, end }) {
      if (records.length > looked) return;
      const text = decoder.decode(bytes.subarray(start, end));
      const fields = fieldsOf(text, delimiter).map((field) => field.trim());
      if (records.length === 0 && (separatorLine(text) !== undefined || fields.every((field) => field === ''))) return;
      records.push(fields);
    },
    bad: () => undefined,
  });
  reader.write(head);
  return records;
}

function areInSuccession(figures: readonly string[]): boolean {
  const numbers = figures.map(Number);
  return (
    numbers.length > 1 && numbers.every((one, index) => Number.isInteger(one) && one === (numbers[0] ?? 0) + index)
  );
}
