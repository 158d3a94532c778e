import type { ColumnarBatch } from '@adstocrat/examples';
import type { ServableManifest } from '@adstocrat/servables';
import type { ServableValidation } from './evaluation-report.ts';

/** Images' bytes by the sha256 of their content. */
export type ReadImages = (digests: Iterable<string>) => Promise<ReadonlyMap<string, Uint8Array>>;

/** A servable, loaded as serving loads it, that scores examples of a span. */
export interface Scorer {
  readonly manifest: ServableManifest;
  /** Item values that occurred in training; undefined where the task has no item. */
  readonly seenItems?: ReadonlySet<string>;
  /** Columns of requests that its model reads. */
  readonly columns: readonly string[];
  /** One score a row, in [0, 1]. Images that the servable does not know by name are read with `readImages`. */
  score(batch: ColumnarBatch, readImages: ReadImages): Promise<ArrayLike<number>>;
  /** Answers the warm-up requests and compares. */
  validate(): Promise<ServableValidation>;
  close(): Promise<void>;
}

/** Copies the servable at a URI to `folder`, checks every digest and loads it. Throws where anything is not as its manifest says. */
export type OpenScorer = (uri: string, digest: string, folder: string) => Promise<Scorer>;
