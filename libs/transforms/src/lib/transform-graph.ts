/**
 * The frozen feature transform of a model, `transform.json`. Applied by the same code in trainer, server
 * and browser. It maps raw columns to `fields` embedding ids and `dense` numbers per row.
 */
export interface TransformGraph {
  readonly version: 1;
  /** Categorical fields in order. Ids of field f lie in [0, size). */
  readonly fields: readonly FieldTransform[];
  /** Dense inputs in order, each one float. */
  readonly dense: readonly DenseTransform[];
  readonly image?: ImageTransform;
}

/** Produces one id in [0, size) per row. Ids: 0 = missing, 1..terms.length = term, then the out-of-vocabulary buckets. */
export type FieldTransform =
  | {
      readonly kind: 'vocabulary';
      readonly column: string;
      readonly size: number;
      /** By count, then by bytes. */
      readonly terms: readonly string[];
      readonly oovBuckets: number;
    }
  | {
      readonly kind: 'buckets';
      readonly column: string;
      readonly size: number;
      /** Ascending. A value v falls in the bucket of the number of boundaries <= v, plus 1. */
      readonly boundaries: readonly number[];
    }
  | {
      /** hour of day (24), day of week (7, Monday 0), in UTC plus a fixed offset. */
      readonly kind: 'hour' | 'weekday';
      readonly column: string;
      readonly size: number;
      readonly offsetMinutes: number;
    };

/** Produces one float32 per row. */
export type DenseTransform =
  | { readonly kind: 'standardized'; readonly column: string; readonly mean: number; readonly scale: number }
  /** 1 where the value is missing, else 0. */
  | { readonly kind: 'missing'; readonly column: string };

/** Decoded RGB → size × size × 3 floats by area averaging, each channel (v / 255 − mean) ÷ scale. */
export interface ImageTransform {
  readonly column: string;
  readonly size: number;
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
}

/** What a model takes, row-major. */
export interface ModelInput {
  readonly rows: number;
  /** [rows, graph.fields.length], already offset: id of field f plus the sizes of the fields before it. */
  readonly ids: Int32Array;
  /** [rows, graph.dense.length]. */
  readonly dense: Float32Array;
}

/** Decoded pixels, row-major, 3 bytes a pixel. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}
