import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node-gpu';
import type { Operators } from '@adstocrat/models';
import { loadTensorflow } from './load-tensorflow.ts';
import type { NativeOps } from './native-ops.ts';
import type { TrainingBatch } from './training-batch.ts';

/** What one pass over a batch works with. */
export interface Pass {
  readonly batch: TrainingBatch;
  /** Parameters by name; of a table, its rows at the batch's ids, side by side. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly images: Tensor4D | undefined;
  readonly imageSize: number;
  readonly dense: (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor;
  readonly rectified: (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor;
  /** In training: what the pass's dropout is drawn from, with its step. */
  readonly training?: { readonly seed: number; readonly step: number };
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

  addBias(x: Tensor, bias: Tensor): Tensor {
    return this.#tf.add(x, bias);
  }

  concat(values: readonly Tensor[]): Tensor {
    return this.#tf.concat(values as Tensor2D[], 1);
  }

  add(a: Tensor, b: Tensor): Tensor {
    return this.#tf.add(a, b);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    return this.#tf.mul(a, b);
  }

  scale(x: Tensor, factor: number): Tensor {
    return this.#tf.mul(x, this.#tf.scalar(factor));
  }

  sumGroups(x: Tensor, groups: number, width: number): Tensor {
    return this.#tf.sum(this.#tf.reshape(x, [-1, groups, width]), 1);
  }

  dropout(x: Tensor, rate: number): Tensor {
    const { training } = this.#pass;
    if (training === undefined || rate === 0) return x;
    this.#drawn += 1;
    const uniform = this.#ops.uniform(x.shape, training.seed, training.step * 64 + this.#drawn);
    const kept = this.#tf.cast(this.#tf.greaterEqual(uniform, this.#tf.scalar(rate)), 'float32');
    return this.#tf.mul(x, this.#tf.mul(kept, this.#tf.scalar(1 / (1 - rate))));
  }

  /** The tower runs once for each distinct image of the batch. */
  perImage(_layer: string, units: number, tower: (pixels: Tensor) => Tensor): Tensor {
    const tf = this.#tf;
    const { batch, images } = this.#pass;
    const position = new Map<number, number>();
    const which = Int32Array.from({ length: batch.rows }, (_, row) => {
      const own = batch.images?.[row] ?? -1;
      if (own < 0) return 0;
      let at = position.get(own);
      if (at === undefined) position.set(own, (at = position.size + 1));
      return at;
    });
    // A batch without images runs the tower on none in particular: its parameters have a gradient then, zero.
    const distinct =
      position.size === 0 || images === undefined
        ? tf.zeros([1, this.#pass.imageSize, this.#pass.imageSize, 3])
        : tf.gather(images, tf.tensor1d(Int32Array.from(position.keys()), 'int32'));
    const vectors = tower(distinct);
    return tf.gather(tf.concat([tf.zeros([1, units]), vectors] as Tensor2D[], 0), tf.tensor1d(which, 'int32'));
  }

  convolution(x: Tensor, kernel: Tensor, bias: Tensor): Tensor {
    return this.#tf.relu(this.#tf.add(this.#tf.conv2d(x as Tensor4D, kernel as Tensor4D, 2, 'same'), bias));
  }

  averagePool(x: Tensor): Tensor {
    return this.#tf.mean(x, [1, 2]);
  }
}
