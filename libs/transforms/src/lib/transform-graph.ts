import type { ColumnType, TimeFormat } from '@adstocrat/examples';

/**
 * The frozen feature transform of a model, `transform.json`. Applied by the same code in trainer, server
 * and browser. It maps raw columns to `fields` embedding ids and `dense` numbers per row.
 */
export interface TransformGraph {
  readonly version: 2;
  /** In order; each gives its ids and numbers after those of the features before it. */
  readonly features: readonly FittedFeature[];
  /** The categorical slots of all features in order: what a model takes one id for. */
  readonly fields: readonly Slot[];
  /** The dense inputs of all features in order, each one float. */
  readonly dense: readonly Dimension[];
  readonly image?: ImageTransform;
  /** Columns that no request gives, and what a row is taken to have in them. Training rows keep their own. */
  readonly fixed?: readonly FixedColumn[];
}

export interface FixedColumn {
  readonly column: string;
  readonly type: ColumnType;
  /** Null where it is taken as missing. */
  readonly value: string | number | null;
}

/** One operation on one or more columns, fitted: what it needs to be applied and no more. JSON. */
export interface FittedFeature<State = unknown> {
  /** Name of the operation. */
  readonly op: string;
  readonly columns: readonly string[];
  /** Ids a row, all of one table; 0 for an operation that gives numbers alone. */
  readonly slots: number;
  /** Ids lie in [0, size): rows of the table. 0 is missing, or padding. */
  readonly size: number;
  /** Ids that values share which training did not name. */
  readonly unknown?: UnknownIds;
  /** Numbers a row. */
  readonly dims: number;
  /** How its columns write times, from the first; absent where they hold none, and where any other text is a missing value. */
  readonly times?: readonly TimeFormat[];
  readonly state: State;
}

export interface UnknownIds {
  readonly first: number;
  readonly count: number;
}

/** One id a row. Slots of one feature share a table: their ids begin at the same offset. */
export interface Slot {
  /** Name of the operation. */
  readonly kind: string;
  readonly column: string;
  readonly size: number;
  /** Where the slot's ids begin among the rows of the embedding. */
  readonly offset: number;
  readonly unknown?: UnknownIds;
}

/** One float32 a row. */
export interface Dimension {
  /** Name of the operation. */
  readonly kind: string;
  readonly column: string;
}

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
  /** [rows, graph.fields.length], already offset: the id of a field plus where its table begins. */
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

/** The graph of fitted features: their slots and dimensions laid out one after the other. */
export function graphOf(
  features: readonly FittedFeature[],
  { image, fixed = [] }: Pick<TransformGraph, 'image' | 'fixed'> = {},
): TransformGraph {
  let offset = 0;
  const fields = features.flatMap(({ op, columns, slots, size, unknown }) => {
    const slot: Slot = {
      kind: op,
      column: columns[0] ?? '',
      size,
      offset,
      ...(unknown === undefined ? {} : { unknown }),
    };
    if (slots > 0) offset += size;
    return Array<Slot>(slots).fill(slot);
  });
  const dense = features.flatMap(({ op, columns, dims }) =>
    Array<Dimension>(dims).fill({ kind: op, column: columns[0] ?? '' }),
  );
  return { version: 2, features, fields, dense, ...(image && { image }), ...(fixed.length > 0 && { fixed }) };
}

/** Columns that hold nothing but times, with how they write them. */
export function timesOf({ features }: Pick<TransformGraph, 'features'>): ReadonlyMap<string, TimeFormat> {
  return new Map(features.flatMap(({ columns, times = [] }) => times.map((format, at) => [columns[at] ?? '', format])));
}

/** Columns of a request whose texts are times: the event's, and those of features. */
export function requestTimes(
  graph: Pick<TransformGraph, 'features'>,
  eventTime: string | undefined,
): ReadonlyMap<string, TimeFormat> {
  return new Map([...(eventTime === undefined ? [] : [[eventTime, 'iso-8601'] as const]), ...timesOf(graph)]);
}

/** Rows of the embedding that all slots look up; 0 without a slot. */
export function embeddingRows({ fields }: Pick<TransformGraph, 'fields'>): number {
  return fields.reduce((rows, { offset, size }) => Math.max(rows, offset + size), 0);
}

/** A feature that gives ids, with its first slot among the graph's fields and where its ids begin. */
export interface PlacedFeature {
  readonly feature: FittedFeature;
  readonly field: number;
  readonly offset: number;
}

/** The features that give ids, in the graph's order. */
export function placedFeatures({
  features,
  fields,
}: Pick<TransformGraph, 'features' | 'fields'>): readonly PlacedFeature[] {
  let next = 0;
  return features.flatMap((feature) => {
    const field = next;
    next += feature.slots;
    return feature.slots === 0 ? [] : [{ feature, field, offset: fields[field]?.offset ?? 0 }];
  });
}
