import type { Delimiter } from './dialect.ts';
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

/**
 * Whether a CSV text that begins with these bytes (UTF-8) seems to begin with a row instead of names: where columns hold figures the
 * first line has some too and no word, or its words are values below; in two columns at least, and a quarter of them. Years and numbers
 * in succession may be names, as a pivot and pandas write them. A suspicion: names may be what they like.
 */
export function beginsWithRow(head: Uint8Array, delimiter: Delimiter): boolean {
  const [first = [], ...rest] = firstRecords(head.subarray(0, headBytes), delimiter);
  // Names that are there once more, as where files were put together, are no values.
  const below = rest.filter(
    (fields) =>
      fields.length === first.length && (first.length === 1 || fields.some((cell, index) => cell !== first[index])),
  );
  if (below.length < fewest) return false;
  const figures: string[] = [];
  let evidence = 0;
  for (const [index, cell] of first.entries()) {
    if (missing.has(cell.toLowerCase())) continue;
    const cells = below.map((fields) => fields[index] ?? '').filter((one) => !missing.has(one.toLowerCase()));
    const hasFigures = cells.length > 0 && cells.filter((one) => figure.test(one)).length >= most * cells.length;
    if (hasFigures && !figure.test(cell)) return false;
    if (hasFigures) figures.push(cell);
    if (hasFigures || cells.includes(cell)) evidence += 1;
  }
  if (evidence === figures.length && areInSuccession(figures)) return false;
  return evidence >= Math.max(Math.min(2, first.length), first.length / 4);
}

function firstRecords(head: Uint8Array, delimiter: Delimiter): readonly (readonly string[])[] {
  const decoder = new TextDecoder();
  const records: (readonly string[])[] = [];
  const reader = new RecordReader(delimiter, {
    record({ bytes, start, end }) {
      if (records.length > looked) return;
      records.push(fieldsOf(decoder.decode(bytes.subarray(start, end)), delimiter).map((field) => field.trim()));
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
