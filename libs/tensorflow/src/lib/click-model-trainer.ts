import type { Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-node-gpu';
import { type ModelSpec, parametersOf, type Weights } from '@adstocrat/models';
import { loadTensorflow } from './load-tensorflow.ts';
import { NativeOps } from './native-ops.ts';

/** Rows to train on or to score. */
export interface TrainingBatch {
  readonly rows: number;
  /** [rows, fields], rows of the embedding table. */
  readonly ids: Int32Array;
  /** [rows, dense]. */
  readonly dense: Float32Array;
  /** [rows], position in {@link ClickModelTrainer.setImages}'s images; −1 where a row has none. Absent without an image tower. */
  readonly images?: Int32Array;
}

export interface OptimizerOptions {
  readonly learningRate: number;
  /** Decay of the embedding rows a step touches, as a share of the learning rate. */
  readonly embeddingDecay?: number;
}

const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-7];

/**
 * A cross network (DCN v2: R. Wang et al., 2021) with an image tower on native TensorFlow. The embedding table and every weight
 * live in TensorFlow as resource variables; the table is updated by lazy Adam, which touches only the rows of the batch and
 * their moments, the rest by fused Adam. Disposing frees everything.
 */
export class ClickModelTrainer {
  readonly spec: ModelSpec;
  readonly #tf = loadTensorflow();
  readonly #ops = new NativeOps();
  readonly #options: OptimizerOptions;
  readonly #table: readonly [value: Tensor, first: Tensor, second: Tensor];
  readonly #dense: readonly {
    readonly name: string;
    readonly value: Tensor;
    readonly first: Tensor;
    readonly second: Tensor;
  }[];
  readonly #linear: (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor;
  readonly #rectified: (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor;
  #images: Tensor4D | undefined;
  #step = 0;

  constructor(spec: ModelSpec, weights: Weights, options: OptimizerOptions) {
    this.spec = spec;
    this.#options = options;
    const tf = this.#tf;
    const variable = (shape: readonly number[], data: Float32Array | undefined): Tensor =>
      this.#ops.variable(data === undefined ? tf.zeros([...shape]) : tf.tensor(data, [...shape], 'float32'));
    const parameters = parametersOf(spec);
    const table = parameters[0]!;
    this.#table = [
      variable(table.shape, weights.get(table.name)),
      variable(table.shape, undefined),
      variable(table.shape, undefined),
    ];
    this.#dense = parameters.slice(1).map(({ name, shape }) => {
      const data = weights.get(name);
      if (data === undefined) throw new RangeError(`no weights for ${name}`);
      return {
        name,
        value: variable(shape, data),
        first: variable(shape, undefined),
        second: variable(shape, undefined),
      };
    });
    this.#linear = this.#layer(false);
    this.#rectified = this.#layer(true);
  }

  /** The distinct images that batches refer to: floats [count, size, size, 3]. Kept until the next call. */
  setImages(pixels: Float32Array, count: number): void {
    const { image } = this.spec;
    if (image === undefined) throw new RangeError('the model has no image tower');
    this.#images?.dispose();
    this.#images = this.#tf.keep(this.#tf.tensor4d(pixels, [count, image.size, image.size, 3]));
  }

  /** One optimizer step. Labels: 0 or 1 a row. Returns the batch's mean log-loss before the step. */
  trainStep(batch: TrainingBatch, labels: Float32Array): number {
    const tf = this.#tf;
    this.#step += 1;
    const loss = tf.tidy(() => {
      const rows = tf.tensor1d(batch.ids, 'int32');
      const [distinct, index] = this.#ops.unique(rows);
      const embedded = this.#embedded(rows, batch.rows);
      const parameters = this.#dense.map(({ value }) => this.#ops.read(value));
      const target = tf.tensor2d(labels, [batch.rows, 1]);
      const inputs = this.spec.fields > 0 ? [...parameters, embedded] : parameters;
      const { value, grads } = tf
        .engine()
        .gradients(() => logLoss(tf, this.#logits(batch, embedded, parameters), target), inputs, null as never, true);
      this.#adam(grads);
      if (this.spec.fields > 0) {
        const gradient = tf.reshape(grads[grads.length - 1]!, [
          batch.rows * this.spec.fields,
          this.spec.embeddingWidth,
        ]) as Tensor2D;
        this.#lazyAdam(distinct, tf.unsortedSegmentSum(gradient, index as never, distinct.shape[0]!));
      }
      return value;
    });
    const result = loss.dataSync()[0]!;
    loss.dispose();
    return result;
  }

  /** Uncalibrated logits, one a row. */
  logits(batch: TrainingBatch): Float32Array {
    const tf = this.#tf;
    const result = tf.tidy(() => {
      const rows = tf.tensor1d(batch.ids, 'int32');
      const parameters = this.#dense.map(({ value }) => this.#ops.read(value));
      return this.#logits(batch, this.#embedded(rows, batch.rows), parameters);
    });
    const data = result.dataSync<'float32'>();
    result.dispose();
    return data;
  }

  /** A copy of every parameter. */
  weights(): Weights {
    const tf = this.#tf;
    const copy = (handle: Tensor): Float32Array => {
      const value = tf.tidy(() => this.#ops.read(handle));
      const data = value.dataSync<'float32'>();
      value.dispose();
      return Float32Array.from(data);
    };
    return new Map([
      ['embedding', copy(this.#table[0])],
      ...this.#dense.map(({ name, value }) => [name, copy(value)] as const),
    ]);
  }

  /** Puts parameters back, for example those of the best step. The optimizer's moments stay. */
  setWeights(weights: Weights): void {
    const put = (handle: Tensor, name: string, shape: readonly number[]): void => {
      const data = weights.get(name);
      if (data === undefined) throw new RangeError(`no weights for ${name}`);
      const value = this.#tf.tensor(data, [...shape], 'float32');
      this.#ops.assign(handle, value);
      value.dispose();
    };
    for (const [index, { name, shape }] of parametersOf(this.spec).entries())
      put(index === 0 ? this.#table[0] : this.#dense[index - 1]!.value, name, shape);
  }

  dispose(): void {
    for (const handle of this.#table) this.#ops.destroy(handle);
    for (const { value, first, second } of this.#dense)
      for (const handle of [value, first, second]) this.#ops.destroy(handle);
    this.#images?.dispose();
    this.#images = undefined;
  }

  #embedded(rows: Tensor, count: number): Tensor {
    const { fields, embeddingWidth } = this.spec;
    return this.#tf.reshape(this.#ops.gatherRows(this.#table[0], rows), [count, fields * embeddingWidth]);
  }

  #logits(batch: TrainingBatch, embedded: Tensor, parameters: readonly Tensor[]): Tensor {
    const tf = this.#tf;
    const { spec } = this;
    let next = 0;
    const take = (): Tensor => parameters[next++]!;
    const parts: Tensor[] = spec.fields > 0 ? [embedded] : [];
    if (spec.denseWidth > 0) parts.push(tf.tensor2d(batch.dense, [batch.rows, spec.denseWidth]));
    if (spec.image !== undefined) parts.push(this.#imageVectors(batch, take));
    const x0 = tf.concat(parts as Tensor2D[], 1);
    let cross: Tensor = x0;
    for (let index = 0; index < spec.crossLayers; index += 1)
      cross = tf.add(tf.mul(x0, this.#linear(cross, take(), take())), cross);
    let deep: Tensor = x0;
    for (let index = 0; index < spec.hidden.length; index += 1) deep = this.#rectified(deep, take(), take());
    const last = spec.hidden.length > 0 ? tf.concat([cross, deep] as Tensor2D[], 1) : cross;
    return this.#linear(last, take(), take());
  }

  /** The tower runs once for each distinct image of the batch; rows without an image get zeros. */
  #imageVectors(batch: TrainingBatch, take: () => Tensor): Tensor {
    const tf = this.#tf;
    const image = this.spec.image!;
    const position = new Map<number, number>();
    const which = Int32Array.from({ length: batch.rows }, (_, row) => {
      const own = batch.images?.[row] ?? -1;
      if (own < 0) return 0;
      let at = position.get(own);
      if (at === undefined) position.set(own, (at = position.size + 1));
      return at;
    });
    let value: Tensor4D;
    if (position.size === 0 || this.#images === undefined) value = tf.zeros([1, image.size, image.size, 3]);
    else value = tf.gather(this.#images, tf.tensor1d(Int32Array.from(position.keys()), 'int32'));
    for (let index = 0; index < image.channels.length; index += 1) {
      const [kernel, bias] = [take() as Tensor4D, take()];
      value = tf.relu(tf.add(tf.conv2d(value, kernel, 2, 'same'), bias)) as Tensor4D;
    }
    const vectors = this.#rectified(tf.mean(value, [1, 2]), take(), take());
    const none = tf.zeros([1, image.width]);
    return tf.gather(tf.concat([none, vectors] as Tensor2D[], 0), tf.tensor1d(which, 'int32'));
  }

  /** A dense layer with a gradient of its own: two matrix products, no batch dimension, no broadcast to undo. */
  #layer(relu: boolean): (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor {
    const ops = this.#ops;
    return this.#tf.customGrad((...args: unknown[]) => {
      const [x, kernel, bias, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
      const sum = ops.biasAdd(ops.matMul(x, kernel), bias);
      const value = relu ? ops.relu(sum) : sum;
      save([x, kernel, value]);
      return {
        value,
        gradFunc: (dy: Tensor, saved: Tensor[]) => {
          const [input, weights, output] = saved as [Tensor, Tensor, Tensor];
          const dz = relu ? ops.reluGradient(dy, output) : dy;
          return [ops.matMul(dz, weights, false, true), ops.matMul(input, dz, true, false), ops.biasAddGradient(dz)];
        },
      };
    }) as (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor;
  }

  #adam(gradients: readonly Tensor[]): void {
    const scalars = [beta1 ** this.#step, beta2 ** this.#step, this.#options.learningRate, beta1, beta2, epsilon].map(
      (value) => this.#tf.scalar(value),
    );
    for (const [index, { value, first, second }] of this.#dense.entries())
      this.#ops.applyAdam(value, first, second, scalars, gradients[index]!);
  }

  #lazyAdam(rows: Tensor, gradient: Tensor): void {
    const tf = this.#tf;
    const [value, first, second] = this.#table;
    const { learningRate, embeddingDecay = 0 } = this.#options;
    const rate = (learningRate * Math.sqrt(1 - beta2 ** this.#step)) / (1 - beta1 ** this.#step);
    const m = tf.add(tf.mul(this.#ops.gatherRows(first, rows), beta1), tf.mul(gradient, 1 - beta1));
    const v = tf.add(tf.mul(this.#ops.gatherRows(second, rows), beta2), tf.mul(tf.square(gradient), 1 - beta2));
    this.#ops.updateRows(first, rows, m);
    this.#ops.updateRows(second, rows, v);
    let change = tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon)), rate);
    if (embeddingDecay > 0)
      change = tf.add(change, tf.mul(this.#ops.gatherRows(value, rows), learningRate * embeddingDecay));
    this.#ops.subtractRows(value, rows, change);
  }
}

/** Mean log-loss from logits, in the form that neither overflows nor cancels. */
function logLoss(tf: ReturnType<typeof loadTensorflow>, logits: Tensor, labels: Tensor): Tensor {
  return tf.mean(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, labels)), tf.log1p(tf.exp(tf.neg(tf.abs(logits))))));
}
