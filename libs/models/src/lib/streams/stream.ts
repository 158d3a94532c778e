import type { Layer } from '../layers/layers.ts';

/** What a stream reads: layers that every model with streams has. */
export interface StreamInput {
  /** Everything of a row side by side: a vector a feature, numbers, what its image says. */
  readonly all: string;
  /** The ids' vectors alone, `units` an id; absent without fields. */
  readonly embedded?: { readonly layer: string; readonly units: number };
  /** Whether rows have ids. */
  readonly ids: boolean;
  /** What else the linear part reads: the row's numbers, then what its image says, where there are any. */
  readonly linear: readonly string[];
  /** What the row's image says, where there are any. */
  readonly image?: string;
}

/** Layers that end in one that is one wide: what the stream adds to the logit. */
export interface Stream {
  readonly layers: readonly Layer[];
  readonly logit: string;
}
