import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node-gpu';
import { type Operators, slotRuns, sumOfCrosses, sumOfTrees, wholeCells } from '@adstocrat/models';
import { columnMoments, normalizedBy, normalizedByBatch } from './batch-norm.ts';
import { masked, productOf, sumOf } from './lean-gradients.ts';
import { loadTensorflow } from './load-tensorflow.ts';
import type { NativeOps } from './native-ops.ts';
import type { TrainingBatch } from './training-batch.ts';

/** What one pass over a batch works with. */
export interface Pass {
  readonly batch: TrainingBatch;
  /** Parameters by name; of a table, its rows at the batch's ids, side by side. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** What is said of the row's image, [rows, units], by the layer that says it; asked for the tower itself where pixels are at hand. */
  readonly perImage: (layer: string, units: number, tower: (pixels: Tensor) => Tensor) => Tensor;
  readonly dense: (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor;
  readonly rectified: (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor;
  /** In training: what the pass's dropout is drawn from, with its step, and who is told what the batch shows of a statistic. */
  readonly training?: {
    readonly seed: number;
    readonly step: number;
    readonly show: (statistic: string, value: Tensor) => void;
  };
}

/** Of parameters that nothing moves: each is read once, not in every batch. */
const read = new WeakMap<Tensor, Float32Array>();

function fixedValues(parameter: Tensor): Float32Array {
  let values = read.get(parameter);
  if (values === undefined) read.set(parameter, (values = parameter.dataSync<'float32'>()));
  return values;
}

/** {@link Operators} that compute with TensorFlow. */
export class TensorOperators implements Operators<Tensor> {
  readonly #tf = loadTensorflow();
  readonly #ops: NativeOps;
  readonly #pass: Pass;
  #drawn = 0;

  constructor(ops: NativeOps, pass: Pass) {
    this.#ops = ops;
    this.#pass = pass;
  }

  parameter(name: string): Tensor {
    const value = this.#pass.parameters.get(name);
    if (value === undefined) throw new RangeError(`there are no weights for ${name}`);
    return value;
  }

  lookUp(table: string): Tensor {
    return this.parameter(table);
  }

  numbers(): Tensor {
    const { dense, rows } = this.#pass.batch;
    return this.#tf.tensor2d(dense, [rows, dense.length / rows]);
  }

  dense(x: Tensor, kernel: Tensor, bias: Tensor, rectified: boolean): Tensor {
    return rectified ? this.#pass.rectified(x, kernel, bias) : this.#pass.dense(x, kernel, bias);
  }

  batchNorm(
    x: Tensor,
    { scale, shift, mean, variance, rectified }: Parameters<Operators<Tensor>['batchNorm']>[1],
  ): Tensor {
    const { training } = this.#pass;
    const given = { mean: this.parameter(mean), variance: this.parameter(variance) };
    const moments = training === undefined ? given : columnMoments(x);
    training?.show(mean, moments.mean);
    training?.show(variance, moments.variance);
    const normal = (training === undefined ? normalizedBy : normalizedByBatch)(x, scale, shift, moments);
    return rectified ? this.#tf.relu(normal) : normal;
  }

  addBias(x: Tensor, bias: Tensor): Tensor {
    return this.#tf.add(x, bias);
  }

  concat(values: readonly Tensor[]): Tensor {
    return this.#tf.concat(values as Tensor2D[], 1);
  }

  add(a: Tensor, b: Tensor): Tensor {
    return sumOf(a, b);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    return productOf(a, b);
  }

  scale(x: Tensor, factor: number): Tensor {
    return this.#tf.mul(x, this.#tf.scalar(factor));
  }

  sumGroups(x: Tensor, groups: number, width: number): Tensor {
    return this.#tf.sum(this.#tf.reshape(x, [-1, groups, width]), 1);
  }

  sumSlots(x: Tensor, slots: readonly number[], width: number): Tensor {
    const runs = slotRuns(slots);
    // A split into one part gives none.
    if (runs.length === 1) return runs[0]!.isSummed ? this.sumGroups(x, runs[0]!.count, width) : x;
    const parts = this.#tf.split(
      x,
      runs.map(({ count }) => count * width),
      1,
    );
    return this.concat(
      parts.map((part, at) => (runs[at]!.isSummed ? this.sumGroups(part, runs[at]!.count, width) : part)),
    );
  }

  dropout(x: Tensor, rate: number): Tensor {
    const { training } = this.#pass;
    if (training === undefined || rate === 0) return x;
    this.#drawn += 1;
    const uniform = this.#ops.uniform(x.shape, training.seed, training.step * 64 + this.#drawn);
    const kept = this.#tf.cast(this.#tf.greaterEqual(uniform, this.#tf.scalar(rate)), 'float32');
    return masked(x, this.#tf.mul(kept, this.#tf.scalar(1 / (1 - rate))));
  }

  perImage(layer: string, units: number, tower: (pixels: Tensor) => Tensor): Tensor {
    return this.#pass.perImage(layer, units, tower);
  }

  convolution(x: Tensor, kernel: Tensor, bias: Tensor): Tensor {
    return this.#tf.relu(this.#tf.add(this.#tf.conv2d(x as Tensor4D, kernel as Tensor4D, 2, 'same'), bias));
  }

  cellMeans(
    x: Tensor,
    { size, channels, cells }: { readonly size: number; readonly channels: number; readonly cells: number },
  ): Tensor {
    const { width, count } = wholeCells(size, cells);
    const pooled = this.#tf.avgPool(x as Tensor4D, width, width, 'valid');
    return this.#tf.reshape(pooled, [-1, count * count * channels]);
  }

  /** Outside of TensorFlow, as nothing in it is trained. */
  trees(x: Tensor, { numbers, thresholds, leaves, count, depth }: Parameters<Operators<Tensor>['trees']>[1]): Tensor {
    const [rows, width] = x.shape as [number, number];
    const [of, at, given] = [numbers, thresholds, leaves].map(fixedValues);
    const trees = { numbers: of!, thresholds: at!, leaves: given!, count, depth };
    return this.#tf.tensor2d(sumOfTrees(x.dataSync<'float32'>(), width, trees), [rows, 1]);
  }

  /** Outside of TensorFlow, as nothing in it is trained. */
  crosses(...[fields, { of, ...places }, table]: Parameters<Operators<Tensor>['crosses']>): Tensor {
    const { ids, rows } = this.#pass.batch;
    const [usual, known] = [places.usual, places.known].map(fixedValues);
    const [firsts, seconds, weights] = [table.firsts, table.seconds, table.weights].map(fixedValues);
    const stored = { firsts: firsts!, seconds: seconds!, weights: weights!, multipliers: table.multipliers };
    return this.#tf.tensor2d(sumOfCrosses(ids, fields, { of, usual: usual!, known: known! }, stored), [rows, 1]);
  }

  clip(x: Tensor, limit: number): Tensor {
    return this.#tf.clipByValue(x, -limit, limit);
  }
}
