import {
  type Column,
  type ColumnarBatch,
  type ColumnType,
  type PersonalRule,
  reservedPrefix,
  type Split,
  type TimeFormat,
  type Zone,
} from '@adstocrat/examples';
import type { PartFacts, PartMoments, PartStatistics, QuantileSummary } from '@adstocrat/statistics';
import type { Delimiter, Encoding } from './records/dialect.ts';
import type { Lists } from './records/json-cells.ts';

/** A local file to read. `name` is what errors call it: its URI. */
export interface DataFile {
  readonly path: string;
  readonly name: string;
  /** Columns that have one value in all of its rows, as the names of its folders say; null for a missing one. A column of the file itself comes before one of them. */
  readonly cells?: ReadonlyMap<string, string | null>;
}

/** How a text file is written. */
export interface TextFormat {
  readonly encoding: Encoding;
  readonly delimiter: Delimiter;
}

/** CSV; an object of JSON on each line; Parquet. */
export const fileKinds = ['csv', 'jsonl', 'parquet'] as const;
export type FileKind = (typeof fileKinds)[number];

/** What a scan is told of its files: the rest shows at their beginning. */
export interface ScanOptions extends Partial<TextFormat> {
  readonly kind?: FileKind;
  /** Names of the columns of CSV files that have no header line, in their order, and the key that declares them. */
  readonly columns?: { readonly names: readonly string[]; readonly key: string };
  /** How lines above the first record of a CSV file begin that are comments; '' where there are none. Told as `commentsAbove` does without it. */
  readonly comment?: string;
  /** How the arrays of columns are read. One in any other column is refused, and the files with it. */
  readonly lists?: Lists;
  /** Rejects say where and why and show nothing: their lines may hold what nobody may read. */
  readonly withheld?: boolean;
  /** Told now and then how far it is: bytes of all files together as they lie (packed where they are), and rows that were read of them. */
  readonly onProgress?: (progress: { readonly bytes: number; readonly rows: number }) => void;
  /** There are other files, in other scans: no rows in these are no error. */
  readonly isPart?: boolean;
}

/** Of rows that say where they come from. file: string, the file's name · line: integer, see {@link Reject}. */
export const originColumns = { file: `${reservedPrefix}origin_file`, line: `${reservedPrefix}origin_line` } as const;

export interface NamedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** How a text column's cells become values, see `readNumber`. */
export interface TypedColumn extends NamedColumn {
  /** Absent: a point. */
  readonly decimal?: '.' | ',';
  /** Facts of all rows say that every cell is empty or a number of this type, written with a point: none has to be told from what only looks like one. */
  readonly isClean?: boolean;
}

/** What was set aside: a row, or with line 0 a file as a whole. */
export interface Reject {
  readonly file: string;
  /** 1-based in the unpacked file, blank lines and the header among them. A row's first. Of a Parquet file: its row. */
  readonly line: number;
  /** The column at fault, where it is one. */
  readonly column?: string;
  /** One for all rows that are wrong in the same way. */
  readonly reason: string;
  /** What stood there, shortened. */
  readonly text?: string;
}

/** Everything that was set aside: whole in a relation, the first of it at hand. */
export interface Rejects {
  readonly rows: number;
  /** By rows, the most first. */
  readonly reasons: readonly { readonly reason: string; readonly rows: number; readonly first: Reject }[];
  /** At most {@link shownRejects}, in the order of files and lines. */
  readonly first: readonly Reject[];
  readonly table: Relation;
}

/** Rejects that are shown one by one. */
export const shownRejects = 1000;

/** What a scan of files found. Every column is text; {@link PartFacts} say what its cells look like. */
export interface ScanResult {
  readonly table: Relation;
  readonly rows: number;
  readonly columns: readonly PartFacts[];
  readonly rejects: Rejects;
  readonly files: readonly ScannedFile[];
}

export interface ScannedFile {
  readonly name: string;
  readonly kind: FileKind;
  readonly rows: number;
  /** Of a file of text. */
  readonly format: TextFormat;
  /** It has an index, as pandas writes it (in a CSV a first column without a name), which was left out. */
  readonly unnamedIndex: boolean;
  /** Columns that it has by its folders' names alone. Absent where there are none. */
  readonly given?: readonly string[];
  /** Columns at the end without a name and without a value, which are left out. Absent where there are none. */
  readonly nameless?: number;
  /** Its header line looks like a row: so many cells. Absent where it does not. */
  readonly rowAsHeader?: number;
  /** Lines above the first record that are comments, and left out. Absent where there are none. */
  readonly comments?: number;
  /** Lines above its header that are a title, and left out. Absent where there are none. */
  readonly titles?: number;
  /** Its header line begins as a comment does. Absent where it does not. */
  readonly commentAsHeader?: true;
}

/** Rows the engine holds (a table or view of its session). Opaque outside the engine. */
export interface Relation {
  readonly id: string;
}

/** Moments of a numeric column over its present values. Exact, in a fixed order: the same for 1 and N threads. */
export type Moments = PartMoments;

export interface TermCount {
  readonly value: string;
  readonly count: number;
}

/**
 * How rows are put into splits. Time: what is later than `testAfterMs` is test, what is later than `validationAfterMs` but that is
 * validation. Hash: by the column's value, see `splitPoint`.
 */
export type SplitRule =
  | { readonly by: 'time'; readonly testAfterMs: number; readonly validationAfterMs: number }
  | { readonly by: 'hash'; readonly column: string; readonly test: number; readonly validation: number };

/**
 * Works on examples larger than memory. Typed operations, no SQL across the port. Every result is deterministic:
 * the same rows give the same bytes and numbers, for any number of threads. One engine is one session.
 */
export interface ExampleEngine {
  /**
   * Reads files of one kind, text unpacked where it is gzip or zstd. The kind of each, its encoding and its delimiter are told by its
   * beginning where they are not declared. CSV (RFC 4180) and Parquet files have the same columns, in any order; lines of JSON have
   * the keys that they have, those of an object within as dotted paths, and what one lacks is missing. Rejected: what is no record or
   * no object, has another number of fields than its header, a key twice, a NUL. A file without a record has no rows. Files without a
   * header line have the declared `columns`: one of them that begins with these names all the same is without that line. Texts of
   * rejects are left out where they are `withheld`. Throws {@link BadData} naming the file: no rows in any, columns that differ, other names or another number of fields than `columns`, two kinds, a header that cannot be, an array in a column
   * that is not in `lists`, a damaged file.
   */
  scan(files: readonly DataFile[], options?: ScanOptions): Promise<ScanResult>;
  /**
   * Scanned text columns as values of these types, without the others. A cell that is no value of its column's type is missing. With
   * `origin` each row also has {@link originColumns}: where it stands.
   */
  typed(
    relation: Relation,
    columns: readonly TypedColumn[],
    options?: { readonly origin?: boolean },
  ): Promise<Relation>;
  /** Adds the table's columns (but the key) to each row, by the key column of the same name. No match: missing values. Throws {@link BadData} where a key is there twice or a column's name is taken. */
  join(relation: Relation, table: Relation, key: string): Promise<Relation>;
  /**
   * Scanned rows with typed values and the reserved columns, see {@link PrepareOptions}. Rejected: a row whose label is neither
   * positive nor negative, or whose event time is no time of its format.
   */
  prepare(
    relation: Relation,
    options: PrepareOptions,
  ): Promise<{ readonly table: Relation; readonly rows: number; readonly rejects: Rejects }>;
  /** What else was set aside, as {@link Rejects}. */
  rejects(list: AsyncIterable<Reject> | Iterable<Reject>): Promise<Rejects>;
  /** The rows of relations that have the same columns, in order. */
  union(relations: readonly Relation[]): Promise<Relation>;
  /** Adds the reserved image column from an index with the columns `value` and `sha256`, by the image column's value. */
  withImages(relation: Relation, column: string, index: Relation): Promise<Relation>;
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
    files: readonly DataFile[],
    columns: readonly NamedColumn[],
  ): Promise<{
    readonly table: Relation;
    readonly rows: number;
    readonly rejectedRows: number;
    readonly rejects: readonly Reject[];
  }>;
  /** Rows whose value of a column is one of these, as canonical text; 0 where there is no such column. */
  countOf(relation: Relation, column: string, values: ReadonlySet<string>): Promise<number>;
  /** The other rows, in their order. */
  without(relation: Relation, column: string, values: ReadonlySet<string>): Promise<Relation>;
  count(relation: Relation): Promise<number>;
  /** Rows that lie evenly among all, in their order: about so many, where there are as many. */
  evenRows(relation: Relation, rows: number): Promise<Relation>;
  /** Sum of the reserved label column. */
  positives(relation: Relation): Promise<number>;
  moments(relation: Relation, column: string): Promise<Moments>;
  /** Values at the probabilities, ascending, of present values (nearest rank: always a value that occurs), as `QuantileSketch` has them. */
  quantiles(relation: Relation, column: string, probabilities: readonly number[]): Promise<readonly number[]>;
  /** Values with their counts, by count descending, then by UTF-8 bytes ascending. Numeric columns as their canonical decimal text. */
  vocabulary(
    relation: Relation,
    column: string,
    options?: { readonly limit?: number; readonly minCount?: number },
  ): Promise<{ readonly terms: readonly TermCount[]; readonly distinct: number }>;
  /**
   * Moments and quantiles of numeric columns, frequent values of integers and texts, in bounded memory: of several relations they can be
   * put together. `onColumn` is told how many are done.
   */
  describe(
    relation: Relation,
    columns: readonly NamedColumn[],
    onColumn?: (done: number) => void,
  ): Promise<PartStatistics>;
  /** The column alone, each value that is not missing once, ascending by bytes. */
  distinctRows(relation: Relation, column: string): Promise<Relation>;
  /** Distinct non-missing values of a column, ascending by bytes. */
  distinct(relation: Relation, column: string): Promise<readonly string[]>;
  /** Writes Parquet to a local path, in row order. With a `part` of a typed relation: its rows after the first `from`, up to `to`. */
  writeParquet(relation: Relation, path: string, part?: { readonly from: number; readonly to: number }): Promise<void>;
  /**
   * The rows in the order of files and rows. The files are read whenever the relation is: they stay as they are until then. Of rows that
   * were scanned `names` are the scanned files', `before` says how many rows come before these, and a column that the files lack is
   * missing everywhere.
   */
  openParquet(
    paths: readonly string[],
    scanned?: { readonly names: readonly string[]; readonly before: number; readonly columns: readonly string[] },
  ): Promise<Relation>;
  /** A hash of each row's values of these columns, `h`, which two parts of one drop have in common where all of them are the same. */
  hashRows(relation: Relation, columns: readonly string[]): Promise<Relation>;
  /** How many different values a column has, exactly. */
  countDistinct(relation: Relation, column: string): Promise<number>;
  /** A text column's cells read as times of this format, those that are none left out. */
  times(relation: Relation, time: NonNullable<PrepareOptions['eventTime']>): Promise<QuantileSummary>;
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
  readonly columns: readonly (TypedColumn & {
    /** The values become pseudonyms of their canonical texts, a string column, or ends of buckets, a float column. */
    readonly personal?: PersonalRule;
  })[];
  /** Makes the pseudonyms: `<id>-` and the first 16 hex digits of HMAC-SHA-256 by the secret, 32 bytes. Needed where there are any. */
  readonly personalKey?: { readonly id: string; readonly secret: Uint8Array };
  readonly label: LabelRule;
  readonly id?: string;
  /** Without an `id`: columns whose cells, as they are written, give the row's: rows that agree in all of them have one. */
  readonly contentId?: readonly string[];
  /**
   * `zone`: whose clock shows what is written without one; UTC where it is left out. `isClean`: facts of all rows say that every cell is
   * empty or a time of this format.
   */
  readonly eventTime?: {
    readonly column: string;
    readonly format: TimeFormat;
    readonly zone?: Zone;
    readonly isClean?: boolean;
  };
}

/** Which values of the label column are which, blanks around them taken off. */
export interface LabelRule {
  readonly column: string;
  /** Absent: every value that is not negative. */
  readonly positive?: readonly string[];
  /** Absent: every value that is not positive. */
  readonly negative?: readonly string[];
  /** What a row without a value is; absent: set aside. */
  readonly unlabelled?: 'negative';
}

/** The data is at fault, not the program. The message names file, line or column, and what to do. */
export class BadData extends Error {
  override readonly name = 'BadData';
}
