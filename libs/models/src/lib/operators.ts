import type { CrossMultipliers } from './cross-table.ts';

/** Added to a variance before its root is divided by. */
export const batchNormEpsilon = 1e-3;

/**
 * The operations that layers are made of. Training and serving each implement them once; a layer is written once, over these.
 * `V` is what stands for a value of shape [rows, width]: a tensor, or the name of a node.
 */
export interface Operators<V> {
  /** A parameter by name, for the operations that take one. */
  parameter(name: string): V;
  /** A table's rows at the row's ids, side by side: [rows, fields × width]. */
  lookUp(table: string, fields: number, width: number): V;
  /** The row's numbers: [rows, dense]. */
  numbers(): V;
  /** x · kernel + bias, then max(0, ·) where rectified. */
  dense(x: V, kernel: V, bias: V, rectified: boolean): V;
  /** x by column to mean 0 and variance 1, times scale, plus shift, then max(0, ·) where rectified; `mean` and `variance` by name, see the layer `batch-norm`. */
  batchNorm(
    x: V,
    of: {
      readonly scale: V;
      readonly shift: V;
      readonly mean: string;
      readonly variance: string;
      readonly rectified: boolean;
    },
  ): V;
  /** x [rows, 1] + bias [1]. */
  addBias(x: V, bias: V): V;
  concat(values: readonly V[]): V;
  add(a: V, b: V): V;
  multiply(a: V, b: V): V;
  scale(x: V, factor: number): V;
  /** [rows, groups × width] → [rows, width]: the sum over the groups. */
  sumGroups(x: V, groups: number, width: number): V;
  /** [rows, Σ slots × width] → [rows, features × width]: the sum over the slots of each feature. */
  sumSlots(x: V, slots: readonly number[], width: number): V;
  /** In training: zeroes a share of the values and scales the rest up. Else nothing. */
  dropout(x: V, rate: number): V;
  /** What `tower` makes of the row's image [images, size, size, 3], as [rows, units]; zeros for a row without one. */
  perImage(layer: string, units: number, tower: (pixels: V) => V): V;
  /** 3 × 3, stride 2, SAME as in TensorFlow, then max(0, ·). Kernel [3, 3, from, to]; images of `size`. */
  convolution(x: V, kernel: V, bias: V, of: { readonly size: number; readonly from: number; readonly to: number }): V;
  /** Means over each cell of a grid (see `wholeCells`): [images, size, size, channels] → [images, cells × cells × channels], row by row. */
  cellMeans(x: V, of: { readonly size: number; readonly channels: number; readonly cells: number }): V;
  /** For each row the sum of the leaves that it comes to, [rows, 1]; see the layer `trees`. All rows' sums are in the order of the trees. */
  trees(
    x: V,
    of: {
      readonly numbers: V;
      readonly thresholds: V;
      readonly leaves: V;
      readonly count: number;
      readonly depth: number;
    },
  ): V;
  /** For each row what is said of the pairs of its ids, [rows, 1]; see the layer `crosses`. */
  crosses(
    fields: number,
    places: { readonly of: readonly (readonly [number, number])[]; readonly usual: V; readonly known: V },
    table: { readonly firsts: V; readonly seconds: V; readonly weights: V; readonly multipliers: CrossMultipliers },
  ): V;
  /** Each number cut to ±limit. */
  clip(x: V, limit: number): V;
}
