import { type Delimiter, delimiters, separatorLine } from './dialect.ts';
import { fieldsOf } from './fields-of.ts';
import { firstLineOf } from './first-line.ts';
import { RecordReader } from './record-reader.ts';

/** Lines above the names of columns that are a report's title: what it is of, for which days. */
export interface Titles {
  /** The last of them, counted from 1. */
  readonly lines: number;
  /** Up to the end of it. */
  readonly bytes: number;
  readonly delimiter: Delimiter;
}

/** Bytes and records that are looked at, and records that a title has at most. */
const [headBytes, looked, most] = [1 << 16, 200, 20];
/** Records below the names that are needed to tell, and the share of them that has as many fields as these. */
const [fewest, regular] = [3, 0.9];

interface LookedAt {
  readonly line: number;
  readonly fields: number;
  /** Fields with something in them. */
  readonly filled: number;
  /** Excel's line about the delimiter. */
  readonly isSeparator: boolean;
}

/**
 * The title that a CSV text begins with (UTF-8): records with at most half as many fields, or filled ones, as nearly all below them, which
 * begin with one that names columns. Undefined where there is none, and where Excel's line about the delimiter stands among them.
 */
export function titlesAbove(head: Uint8Array, told?: Delimiter): Titles | undefined {
  const start = head.subarray(0, headBytes);
  let best: { readonly titles: Titles; readonly fields: number } | undefined;
  for (const delimiter of told === undefined ? delimiters : [told]) {
    const records = recordsOf(start, delimiter);
    const fields = mostFrequent(records.map((record) => record.fields));
    const first = records.findIndex((record) => record.fields === fields && 2 * record.filled > fields);
    const below = records.slice(first + 1);
    if (first < 1 || first > most || fields < 2 || below.length < fewest) continue;
    const above = records.slice(0, first);
    if (above.some(({ filled, isSeparator }) => isSeparator || 2 * filled > fields)) continue;
    if (above.every(({ filled }) => filled === 0)) continue;
    if (below.filter((record) => record.fields === fields).length < regular * below.length) continue;
    const lines = (records[first]?.line ?? 1) - 1;
    const bytes = endOfLine(start, lines);
    if (firstLineOf(head.subarray(bytes), delimiter) !== 'names') continue;
    if (best === undefined || fields > best.fields) best = { titles: { lines, bytes, delimiter }, fields };
  }
  return best?.titles;
}

function recordsOf(head: Uint8Array, delimiter: Delimiter): readonly LookedAt[] {
  const decoder = new TextDecoder();
  const records: LookedAt[] = [];
  const reader = new RecordReader(delimiter, {
    record({ bytes, start, end, line, fields }) {
      if (records.length === looked) return;
      const text = decoder.decode(bytes.subarray(start, end));
      const filled = fieldsOf(text, delimiter).filter((field) => field.trim() !== '').length;
      records.push({ line, fields, filled, isSeparator: separatorLine(text) !== undefined });
    },
    bad({ line }) {
      if (records.length < looked) records.push({ line, fields: 0, filled: 1, isSeparator: false });
    },
  });
  reader.write(head);
  return records;
}

function mostFrequent(counts: readonly number[]): number {
  const times = new Map<number, number>();
  for (const count of counts) times.set(count, (times.get(count) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 0;
}

const [lineFeed, carriageReturn] = [10, 13];

/** Where the line after so many begins. */
function endOfLine(head: Uint8Array, lines: number): number {
  let at = 0;
  for (let line = 0; line < lines && at < head.length; line += 1) {
    while (at < head.length && head[at] !== lineFeed && head[at] !== carriageReturn) at += 1;
    at += head[at] === carriageReturn && head[at + 1] === lineFeed ? 2 : 1;
  }
  return Math.min(at, head.length);
}
