import type { Column, ColumnarBatch, ColumnType, Split } from '@adstocrat/examples';

/** A local file to read. CSV (RFC 4180, `.gz` where gzip) with a header. `name` is what errors call it: its URI. */
export interface CsvFile {
  readonly path: string;
  readonly name: string;
}

/** A local Parquet file. `name` is what rejects call it. */
export interface TextFile {
  readonly path: string;
  readonly name: string;
}

export interface NamedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** A row that was set aside. `line` is 1-based in the (unzipped) file, the header is line 1. */
export interface Reject {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** What a scan of CSV files found. Nothing is typed yet: {@link ColumnFacts.inferred} says what would fit. */
export interface ScanResult {
  readonly table: Relation;
  readonly rows: number;
  readonly columns: readonly ColumnFacts[];
  readonly rejects: readonly Reject[];
}

export interface ColumnFacts {
  readonly name: string;
  /** The narrowest type that fits every non-missing value. `007`, ids over 2^53 and the like stay strings. */
  readonly inferred: ColumnType;
  /** Every non-missing value is a timestamp (ISO 8601 or `YYYY-MM-DD hh:mm:ss[.f][zone]`). */
  readonly timestamp: boolean;
  readonly missing: number;
  readonly distinct: number;
}

/** Rows the engine holds (a table or view of its session). Opaque outside the engine. */
export interface Relation {
  readonly id: string;
}

/** Moments of a numeric column over its present values. Exact, in a fixed order: the same for 1 and N threads. */
export interface Moments {
  readonly count: number;
  readonly missing: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
}

export interface TermCount {
  readonly value: string;
  readonly count: number;
}

/** How rows are put into splits. Time: the newest `testMs` are test, the `validationMs` before them validation. */
export type SplitRule =
  | { readonly by: 'time'; readonly testMs: number; readonly validationMs: number }
  | { readonly by: 'hash'; readonly column: string; readonly test: number; readonly validation: number };

/**
 * Works on examples larger than memory. Typed operations, no SQL across the port. Every result is deterministic:
 * the same rows give the same bytes and numbers, for any number of threads. One engine is one session.
 */
export interface ExampleEngine {
  /**
   * Reads CSV files that share one header. Rows with a wrong number of fields are rejected, not fatal.
   * Throws {@link BadData} naming the file: no rows, a header that differs, truncated gzip, not UTF-8.
   */
  scanCsv(files: readonly CsvFile[], options?: { readonly onProgress?: (rows: number) => void }): Promise<ScanResult>;
  /** Adds the table's columns (but the key) to each row, by the key column of the same name. No match: missing values. Throws {@link BadData} where a key is there twice or a column's name is taken. */
  join(relation: Relation, table: Relation, key: string): Promise<Relation>;
  /** Casts columns and adds the reserved columns; see {@link PrepareOptions}. Rows whose label is missing or bad are rejected. */
  prepare(
    relation: Relation,
    options: PrepareOptions,
  ): Promise<{ readonly table: Relation; readonly rows: number; readonly rejects: readonly Reject[] }>;
  /** Adds the reserved image column from a map of image column value → sha256. */
  withImages(relation: Relation, column: string, digests: ReadonlyMap<string, string>): Promise<Relation>;
  /** Puts every row into one split. Hash: splitmix of the value's UTF-8 bytes, see `splitPoint`. */
  split(relation: Relation, rule: SplitRule): Promise<Readonly<Record<Split, Relation>>>;
  /** Rows → a relation, a batch at a time. Batches have these columns, in any order; one that a batch lacks is missing in its rows. */
  fromBatches(
    columns: readonly NamedColumn[],
    batches: AsyncIterable<ColumnarBatch> | Iterable<ColumnarBatch>,
  ): Promise<Relation>;
  /**
   * Reads Parquet files whose raw columns are all text, as these types; a column that the files lack is missing everywhere. Reserved
   * columns keep their types. A row with a value that is none of its column's type is rejected: what is no whole number up to 2^53 in
   * an integer column, no finite number in a float column, a NUL in text. The first rejects are listed, all are counted. Rows in the
   * order of files and rows.
   */
  readTexts(
    files: readonly TextFile[],
    columns: readonly NamedColumn[],
  ): Promise<{
    readonly table: Relation;
    readonly rows: number;
    readonly rejectedRows: number;
    readonly rejects: readonly Reject[];
  }>;
  count(relation: Relation): Promise<number>;
  /** Sum of the reserved label column. */
  positives(relation: Relation): Promise<number>;
  moments(relation: Relation, column: string): Promise<Moments>;
  /** Values at the probabilities, ascending, of present values (nearest rank: always a value that occurs). */
  quantiles(relation: Relation, column: string, probabilities: readonly number[]): Promise<readonly number[]>;
  /** Values with their counts, by count descending, then by UTF-8 bytes ascending. Numeric columns as their canonical decimal text. */
  vocabulary(
    relation: Relation,
    column: string,
    options?: { readonly limit?: number; readonly minCount?: number },
  ): Promise<{ readonly terms: readonly TermCount[]; readonly distinct: number }>;
  /** Distinct non-missing values of a column, ascending by bytes. */
  distinct(relation: Relation, column: string): Promise<readonly string[]>;
  /** Writes Parquet to a local path, in row order. */
  writeParquet(relation: Relation, path: string): Promise<void>;
  openParquet(paths: readonly string[]): Promise<Relation>;
  /** Rows in order, in batches of at most `batchRows`. */
  batches(
    relation: Relation,
    options?: { readonly columns?: readonly string[]; readonly batchRows?: number },
  ): AsyncIterable<ColumnarBatch>;
  /** Whole columns at once, for what must fit in memory. */
  collect(relation: Relation, columns: readonly string[]): Promise<ReadonlyMap<string, Column>>;
  close(): Promise<void>;
}

export interface PrepareOptions {
  readonly types: ReadonlyMap<string, ColumnType>;
  readonly label: string;
  readonly id?: string;
  readonly eventTime?: string;
  /** Columns whose values become pseudonyms: the first 16 hex digits of the sha256 of the value's text, a string column. */
  readonly hashed?: ReadonlySet<string>;
}

/** The data is at fault, not the program. The message names file, line or column, and what to do. */
export class BadData extends Error {
  override readonly name = 'BadData';
}
