import type { PersonalRule } from '@adstocrat/examples';

/**
 * `servable.json`, the root of a servable's folder `<artifacts>/models/<model>/<version>/`:
 *
 * - `model.onnx`: inputs `ids` int32 [N, fields], `dense` float [N, dense], and, with images,
 *   `image` float [N, image width] (zeros where there is none); output `score` float [N], calibrated
 * - `image-tower.onnx`, with images: `pixels` float [N, size, size, 3] → `image` float [N, image width]
 * - `transform.json` (TransformGraph), `data-schema.json` (DataSchema), `model-spec.json` (ModelSpec)
 * - `calibration.json` (Calibration of libs/models), already inside model.onnx
 * - `tables/<index>.json` (SpanTable): lookup tables that fill columns a request leaves out
 * - `images.json` {"<value of the image column>": index} and `images.bin`, uint8 RGB [count, size, size, 3]
 *   already area-averaged to the transform's size: images known by name
 * - `warm-up.json` ({@link WarmUp}): requests with their expected answers
 * - `weights.bin`, `weights.json`: the parameters, for a warm start
 * - `model-card.md`, `report.html`: for people
 */
export interface ServableManifest {
  readonly version: 1;
  readonly model: string;
  readonly modelVersion: number;
  readonly task: string;
  readonly runId: string;
  readonly spans: readonly number[];
  /** sha256 hex over this manifest's canonical JSON without this field. */
  readonly digest: string;
  /** Path in the folder → sha256 hex and size. A file that differs is not loaded. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
  /** Columns of the task a server needs by role. */
  readonly roles: {
    readonly id?: string;
    readonly eventTime?: string;
    readonly unit?: string;
    readonly item?: string;
    readonly image?: string;
    /** Not a column: the IANA zone of event times that are written without one. Absent: UTC. */
    readonly zone?: string;
  };
  /** Unix milliseconds of the first and the last event of its spans, but for those that lie far from all others; absent where they have no event time, and from releases before. */
  readonly timeRangeMs?: readonly [number, number];
  /** Columns whose values a server replaces before anything else sees them. */
  readonly personal?: PersonalColumns;
  /** Distinct item values seen in training, for evaluation's seen/unseen slices; sha256-free, plain. */
  readonly seenItemsFile?: string;
}

/** Personal columns of a model, and what is kept of their values. */
export interface PersonalColumns {
  /** Id of the key that makes pseudonyms; absent where none is hashed. A server that does not have it cannot serve the model. */
  readonly key?: string;
  readonly columns: Readonly<Record<string, PersonalRule>>;
}

/** Largest |answer − expected score| of a warm-up row with which a servable may leave training, be blessed and be served. */
export const warmUpTolerance = 1e-5;

/** Raw rows as column name → values (null = missing), and the scores expected within {@link warmUpTolerance}. */
export interface WarmUp {
  readonly rows: number;
  readonly columns: Readonly<Record<string, readonly (string | number | null)[]>>;
  readonly scores: readonly number[];
}
