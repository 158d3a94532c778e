import { batchNorm, type BatchNormLayer } from './batch-norm.ts';
import { bias, type BiasLayer } from './bias.ts';
import { bilinear, type BilinearLayer } from './bilinear.ts';
import { concat, type ConcatLayer } from './concat.ts';
import { cross, type CrossLayer } from './cross.ts';
import { crosses, type CrossesLayer } from './crosses.ts';
import { dense, type DenseLayer } from './dense.ts';
import { dropout, type DropoutLayer } from './dropout.ts';
import { embedding, type EmbeddingLayer } from './embedding.ts';
import { factorization, type FactorizationLayer } from './factorization.ts';
import { idNumbers, type IdNumbersLayer } from './id-numbers.ts';
import { imageTower, type ImageTowerLayer } from './image-tower.ts';
import type { LayerKind } from './layer-kind.ts';
import { numbers, type NumbersLayer } from './numbers.ts';
import { pool, type PoolLayer } from './pool.ts';
import { trees, type TreesLayer } from './trees.ts';
import { weightedSum, type WeightedSumLayer } from './weighted-sum.ts';
import { wide, type WideLayer } from './wide.ts';

/** One layer of a model, as data. */
export type Layer =
  | BatchNormLayer
  | BiasLayer
  | BilinearLayer
  | ConcatLayer
  | CrossLayer
  | CrossesLayer
  | DenseLayer
  | DropoutLayer
  | EmbeddingLayer
  | FactorizationLayer
  | IdNumbersLayer
  | ImageTowerLayer
  | NumbersLayer
  | PoolLayer
  | TreesLayer
  | WeightedSumLayer
  | WideLayer;

const kinds: { readonly [Op in Layer['op']]: LayerKind<Extract<Layer, { readonly op: Op }>> } = {
  'batch-norm': batchNorm,
  bias,
  bilinear,
  concat,
  cross,
  crosses,
  dense,
  dropout,
  embedding,
  factorization,
  'id-numbers': idNumbers,
  'image-tower': imageTower,
  numbers,
  pool,
  trees,
  'weighted-sum': weightedSum,
  wide,
};

/** All ops that a layer may have. */
export const layerOps: readonly string[] = Object.keys(kinds);

/** The kind of a layer. Throws `RangeError` for an op that this code does not know. */
export function kindOf(layer: Layer): LayerKind<Layer> {
  if (!Object.hasOwn(kinds, layer.op)) throw new RangeError(`no layer is called "${layer.op}"`);
  return kinds[layer.op];
}
