import type { Split } from './columnar-batch.ts';

/**
 * `span.json`, the root of a span's folder `spans/<task>/<number>-<attempt>`:
 *
 * - `examples/<split>/part-<number>.parquet`, one or more: raw columns as in the data schema, and the reserved columns
 * - `statistics.json`, `data-schema.json`, `anomalies.json`
 * - `rejects.parquet`: file, line, reason, column and text of every row or image set aside; `rejects.csv`: the first thousand
 * - `images.parquet` where the task has images: columns `value` (of the image column) and `sha256`, a row for every image in the span
 *
 * Image bytes lie once per content, for all spans: the registry of images says where.
 * Tables joined in are kept whole as `tables/<index>.json` ({@link SpanTable}).
 */
export interface SpanManifest {
  readonly version: 1;
  readonly task: string;
  readonly span: number;
  readonly kind: 'batch' | 'live';
  /** sha256 hex over this manifest's canonical JSON without this field. */
  readonly digest: string;
  /** sha256 hex over what went in: the objects' names and generations or hashes, and the task. */
  readonly inputDigest: string;
  readonly rows: Readonly<Record<Split, number>>;
  readonly positives: Readonly<Record<Split, number>>;
  readonly rejectedRows: number;
  readonly images: number;
  readonly rejectedImages: number;
  /** Unix milliseconds of the first and the last event; absent without an event time. */
  readonly timeRangeMs?: readonly [number, number];
  /** Path in the folder → sha256 hex and size. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
  /**
   * Id of the key that makes the pseudonyms of its personal columns; absent where it has none. Rows of a live span that were answered by
   * a model of another key have that one's.
   */
  readonly personalKey?: string;
  /** Prefix against which values of the image column are resolved; absent without images. */
  readonly imageBaseUri?: string;
}

/** A joined table, whole, so that serving can fill columns that a request leaves out. */
export interface SpanTable {
  readonly path: string;
  /** Column of the examples and of the table that joins them. */
  readonly key: string;
  /** Key value → position in each of `columns`. */
  readonly keys: readonly string[];
  readonly columns: Readonly<
    Record<
      string,
      { readonly type: 'string' | 'integer' | 'float'; readonly values: readonly (string | number | null)[] }
    >
  >;
}
