import {
  type BadData,
  delimiterOf,
  type ExampleEngine,
  fieldsOf,
  NoHeaderLine,
  type ScanResult,
} from '@adstocrat/example-engine';
import type { FolderedFile } from './folder-columns.ts';
import { checkHasHeader, type Examples, type FirstCells, isRowOf } from './lacks-header.ts';
import type { ArrayReading } from './scan-arrays.ts';

/** A file of rows that was read. */
export interface ScannedTable extends FolderedFile {
  readonly path: string;
  readonly scan: ScanResult;
  /** Its columns, where it has no header line. */
  readonly numbered?: readonly string[];
  readonly arrays: ReadonlyMap<string, ArrayReading>;
}

/** One that was not. */
export interface UnreadTable {
  readonly path: string;
  readonly line: string;
  readonly error: BadData;
}

export interface ToldFiles {
  /** Shards of the examples. */
  readonly examples: readonly ScannedTable[];
  readonly others: readonly ScannedTable[];
  /** Files that are no shards of the examples, whatever else. */
  readonly unrelated: readonly UnreadTable[];
}

/** Values of the label that are brought, at most: whatever is called the label, it may have as many as rows. */
const labelValues = 1000;

/**
 * Which files are shards of the examples, of which the `largest` is one: those that have the label, and where there are no header lines those
 * that begin with a row of theirs. Throws InvalidRequest for a shard that lacks the header line of the others, or has one alone.
 */
export async function shardsAmong(
  engine: ExampleEngine,
  largest: ScannedTable,
  { scans, unread }: { readonly scans: readonly ScannedTable[]; readonly unread: readonly UnreadTable[] },
  label: string,
): Promise<ToldFiles> {
  const hasLabel = (one: ScannedTable): boolean => one.scan.columns.some(({ name }) => name === label);
  const isAsked = unread.length > 0 || !scans.every(hasLabel);
  const { terms } = isAsked
    ? await engine.vocabulary(largest.scan.table, label, { limit: labelValues })
    : { terms: [] };
  const rows: Examples = {
    ...firstCells(largest),
    columns: largest.scan.columns,
    label: { column: label, values: terms.map(({ value }) => value) },
    isNumbered: largest.numbered !== undefined,
  };
  // One with too few rows to show it by itself has no header line as the others have none.
  const isShard = (one: ScannedTable): boolean =>
    hasLabel(one) || (rows.isNumbered && one.numbered === undefined && isRowOf(firstCells(one), rows));
  const examples = scans.filter(isShard);
  const others = scans.filter((one) => !examples.includes(one));
  for (const one of others) if (one.numbered === undefined) checkHasHeader(firstCells(one), rows);
  // One that is empty, begins as examples do, or does not show how it begins is a shard: what is wrong with it is said when it is taken in.
  const unrelated = unread.filter(({ line }) => line !== '' && !line.includes(label) && !line.startsWith('PAR1'));
  for (const { path, line, error } of unrelated) {
    if (!(error instanceof NoHeaderLine)) continue;
    const cells = fieldsOf(line, delimiterOf(Buffer.from(line), rows.cells.length)).map((cell) => cell.trim());
    checkHasHeader({ path, cells }, rows);
  }
  return { examples, others, unrelated };
}

/** The cells of a file's first line; in a CSV without a name the first, if it is taken for an index. */
function firstCells({ path, scan }: ScannedTable): FirstCells {
  const names = scan.columns.map(({ name }) => name);
  const isIndexed = scan.files.some(({ kind, unnamedIndex }) => kind === 'csv' && unnamedIndex);
  return { path, cells: isIndexed ? ['', ...names] : names };
}
