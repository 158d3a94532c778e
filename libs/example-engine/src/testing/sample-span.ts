import type { ExampleEngine, PrepareOptions, Relation } from '../index.ts';
import type { Split } from '@adstocrat/examples';

/** An engine makes a span of these files: impressions, and people they join with. */
export interface SampleFiles {
  /** The impressions' header and their records; one may be of two lines. */
  readonly header: string;
  readonly lines: readonly string[];
  readonly impressions: string;
  readonly people: string;
}

/** What the words of a row are, by (row × 31) % 10. */
export const words = ['plain', 'two\nlines', 'say "hi"', 'é, ü', null, '007', '1.0', 'True', "it's", '🙂'] as const;
/** Rows that are set aside: 499, 999, … for their label, 699, 1399, … for their time. */
export const isRejected = (row: number): boolean => row % 500 === 499 || row % 700 === 699;
/** The number of a row's person. */
export const personOf = (row: number): number => (row * row) % 211;
/** When a row was, in ms since 1970; NaN where it does not say. */
export function timeOf(row: number): number {
  if (row % 700 === 699) return NaN;
  const date = 1 + (row % 28);
  return row % 2 === 0 ? Date.UTC(2026, 0, date) : Date.UTC(2026, 0, date, 8 + (row % 10), 0, 0, 250);
}

const day = (row: number): string => String(1 + (row % 28)).padStart(2, '0');

/**
 * Impressions with what engines take differently: quotes and line ends in cells, codes with zeros, numbers in other spellings, cells that are no
 * number, times with and without a zone, a person that is not in the table. Every 500th row has no usable label, every 700th no time.
 */
export function sampleFiles(rows: number): SampleFiles {
  const prices = ['', 'NA', ' 5.0', '1e3', '$5', '-0', '0.1', '9007199254740993', '1,5', 'inf'];
  const lines = Array.from({ length: rows }, (_, row) => {
    const price = row % 3 === 0 ? prices[(row / 3) % prices.length] : ((row * 7919) % 10_007) / 8;
    const word = quoted(words[(row * 31) % words.length] ?? '');
    const at = row % 700 === 699 ? 'soon' : `2026-01-${day(row)}${row % 2 === 0 ? '' : `T1${row % 10}:00:00.25+02:00`}`;
    const label = row % 500 === 499 ? 'perhaps' : row % 4 === 0 ? ' yes' : 'no';
    return `r${row},p${personOf(row)},${quoted(String(price))},${word},${row % 13},${at},${label}`;
  });
  const people = Array.from({ length: 200 }, (_, person) => `p${person},${20 + (person % 50)},k${person % 7}`);
  const header = 'id,person,price,words,small,at,clicked';
  return {
    header,
    lines,
    impressions: [header, ...lines, ''].join('\n'),
    people: `person,age,kind\n${people.join('\n')}\n`,
  };
}

function quoted(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

export interface SampleSpan {
  readonly people: Relation;
  readonly joined: Relation;
  readonly prepared: Awaited<ReturnType<ExampleEngine['prepare']>>;
  readonly parts: Readonly<Record<Split, Relation>>;
}

const prepareOptions: PrepareOptions = {
  columns: [
    { name: 'person', type: 'string', personal: 'hash' },
    { name: 'price', type: 'float' },
    { name: 'words', type: 'string' },
    { name: 'small', type: 'integer' },
    { name: 'age', type: 'integer', personal: { bucket: 10 } },
    { name: 'kind', type: 'string' },
  ],
  label: { column: 'clicked', positive: ['yes'], negative: ['no'] },
  id: 'id',
  eventTime: { column: 'at', format: 'iso-8601' },
  personalKey: { id: 'k', secret: new Uint8Array(32).fill(7) },
};

/** The way from files to a span's rows: scan, join, prepare, split. */
export async function sampleSpan(
  engine: ExampleEngine,
  paths: { readonly impressions: string; readonly people: string },
): Promise<SampleSpan> {
  const examples = await engine.scan([{ path: paths.impressions, name: 'gs://bucket/impressions.csv' }]);
  const people = await engine.scan([{ path: paths.people, name: 'gs://bucket/people.csv' }]);
  const joined = await engine.join(examples.table, people.table, 'person');
  const prepared = await engine.prepare(joined, prepareOptions);
  const parts = await engine.split(prepared.table, { by: 'hash', column: 'person', test: 0.2, validation: 0.1 });
  return { people: people.table, joined, prepared, parts };
}
