import type { ModelInputs } from '../model-spec.ts';
import type { Operators } from '../operators.ts';
import type { Parameter } from '../parameter.ts';

/** What a layer knows of the model around it. */
export interface LayerScope {
  readonly inputs: ModelInputs;
  /** Width of a layer before this one. Throws `RangeError` where there is none of that name. */
  widthOf(layer: string): number;
}

/** One kind of layer: its width, its parameters in order, and what it computes. Each is written here and nowhere else. */
export interface LayerKind<L> {
  width(layer: L, scope: LayerScope): number;
  parameters(layer: L, scope: LayerScope): readonly Parameter[];
  /** Steps of one row beyond its parameters' multiply-adds; absent: none. */
  cost?(layer: L, inputs: ModelInputs): number;
  /** `valueOf`: what a layer before this one gave. */
  apply<V>(layer: L, scope: LayerScope, operators: Operators<V>, valueOf: (layer: string) => V): V;
}
