import type { ColumnarBatch } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';

/** Rows of one answer. */
export interface AnsweredRows {
  readonly model: string;
  readonly version: number;
  readonly servable: Pick<LoadedServable, 'schema' | 'manifest' | 'transform'>;
  /** As served: lookup tables have filled what the request left out. */
  readonly batch: ColumnarBatch;
  readonly scores: Float32Array;
  readonly predictionIds: readonly string[];
  /** sha256 hex of the image bytes sent with each row, or empty. */
  readonly digests?: readonly string[];
}
