import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { forward, type ModelSpec, type Parameter, parametersOf, type Weights } from '@adstocrat/models';
import { Adam, type Held } from './adam.ts';
import { denseLayer } from './dense-layers.ts';
import { meanLogLoss } from './lean-gradients.ts';
import { loadTensorflow } from './load-tensorflow.ts';
import { NativeOps } from './native-ops.ts';
import { type HeldStatistic, RunningStatistics } from './running-statistics.ts';
import { type Pass, TensorOperators } from './tensor-operators.ts';
import type { TrainingBatch } from './training-batch.ts';
import { valueAndGradients } from './value-and-gradients.ts';

export interface OptimizerOptions {
  /** Of dropout. */
  readonly seed: number;
  /** How often each id is seen in an epoch, [idRows]: an id's prior is spread over its examples. Needed where a table has an `l2`. */
  readonly idCounts?: Float32Array;
}

/** Where an optimizer stands: copies, so that the trainer may go on. */
export interface TrainerState {
  readonly step: number;
  readonly weights: Weights;
  /** Adam's two moments by parameter. */
  readonly first: Weights;
  readonly second: Weights;
}

/** How a step's rows are compared with their labels. */
export interface StepOptions {
  readonly learningRate: number;
  /** What each row's loss counts, [rows]; absent where all count 1. */
  readonly weights?: Float32Array | undefined;
  /** Added to the logits, in the loss alone: the labels' log-odds less those that the model is to say. */
  readonly shift?: number;
}

/**
 * A layer graph on native TensorFlow. Every parameter lives in TensorFlow as a resource variable; tables are updated by lazy
 * Adam, which touches only the rows of the batch and their moments, the rest by fused Adam. Disposing frees everything.
 */
export class ClickModelTrainer {
  readonly spec: ModelSpec;
  readonly #tf = loadTensorflow();
  readonly #ops = new NativeOps();
  readonly #adam = new Adam(this.#ops);
  readonly #seed: number;
  readonly #held: readonly Held[];
  /** What training leaves as it is, and what of it the graph reads. */
  readonly #fixed: Weights;
  readonly #constants: readonly Pick<Held, 'parameter' | 'value'>[];
  readonly #statistics: readonly HeldStatistic[];
  readonly #running: RunningStatistics;
  /** Those that nothing trains and no id looks up: the same tensors in every pass. */
  readonly #whole: ReadonlyMap<string, Tensor>;
  /** 1 ÷ how often an id is seen in an epoch, [idRows, 1]. */
  readonly #shares: Tensor | undefined;
  readonly #dense = denseLayer(this.#ops, false);
  readonly #rectified = denseLayer(this.#ops, true);
  /** By layer, [1 + count, units]: zeros first, for a row without an image. */
  #images: ReadonlyMap<string, Tensor> = new Map();
  #step = 0;

  constructor(spec: ModelSpec, weights: Weights, { seed, idCounts }: OptimizerOptions) {
    this.spec = spec;
    this.#seed = seed;
    const tf = this.#tf;
    const moving = parametersOf(spec).filter(({ fixed }) => fixed !== true);
    const parameters = moving.filter(({ isStatistic }) => isStatistic !== true);
    if (idCounts === undefined && parameters.some(({ table }) => (table?.l2 ?? 0) > 0))
      throw new RangeError('a prior on a table needs to know how often each id is seen');
    const moved = new Set(moving.map(({ name }) => name));
    this.#fixed = new Map([...weights].filter(([name]) => !moved.has(name)));
    this.#constants = parametersOf(spec).flatMap((parameter) => {
      const data = parameter.fixed === true ? weights.get(parameter.name) : undefined;
      if (data === undefined || parameter.table === undefined) return [];
      return [{ parameter, value: this.#ops.variable(tf.tensor(data, [...parameter.shape], 'float32')) }];
    });
    const whole = parametersOf(spec).flatMap(({ name, shape, fixed, table }) => {
      const data = fixed === true && table === undefined ? weights.get(name) : undefined;
      return data === undefined ? [] : [[name, tf.keep(tf.tensor(data, [...shape], 'float32'))] as const];
    });
    this.#whole = new Map(whole);
    this.#held = parameters.map((parameter) => {
      const data = weights.get(parameter.name);
      if (data === undefined) throw new RangeError(`there are no weights for ${parameter.name}`);
      const shape = [...parameter.shape];
      const [value, first, second] = [tf.tensor(data, shape, 'float32'), tf.zeros(shape), tf.zeros(shape)].map((one) =>
        this.#ops.variable(one),
      );
      return { parameter, value: value!, first: first!, second: second! };
    });
    this.#statistics = moving.flatMap((parameter) => {
      if (parameter.isStatistic !== true) return [];
      const data = weights.get(parameter.name);
      if (data === undefined) throw new RangeError(`there are no weights for ${parameter.name}`);
      return [{ parameter, value: this.#ops.variable(tf.tensor(data, [...parameter.shape], 'float32')) }];
    });
    this.#running = new RunningStatistics(this.#ops, this.#statistics);
    if (idCounts !== undefined) {
      const shares = idCounts.map((count) => 1 / Math.max(1, count));
      this.#shares = this.#ops.variable(tf.tensor(shares, [shares.length, 1], 'float32'));
    }
  }

  /** What each image tower says of the distinct images that batches refer to: floats [count, units] by layer. Kept until the next call. */
  setImages(vectors: ReadonlyMap<string, Float32Array>): void {
    const tf = this.#tf;
    for (const images of this.#images.values()) images.dispose();
    this.#images = new Map(
      this.spec.layers.flatMap((layer) => {
        if (layer.op !== 'image-tower') return [];
        const [own, { units = 0 }] = [vectors.get(layer.name), layer];
        if (own === undefined) throw new RangeError(`there are no images for ${layer.name}`);
        const all = new Float32Array(units + own.length);
        all.set(own, units);
        return [[layer.name, tf.keep(tf.tensor2d(all, [all.length / units, units]))] as const];
      }),
    );
  }

  /** One optimizer step. Labels: 0 or 1 a row. Returns the batch's log-loss before the step: each row's times its weight, their mean. */
  trainStep(batch: TrainingBatch, labels: Float32Array, { learningRate, weights, shift = 0 }: StepOptions): number {
    const tf = this.#tf;
    const step = this.#step + 1;
    const loss = tf.tidy(() => {
      const ids = tf.tensor1d(batch.ids, 'int32');
      const inputs = this.#held.map((held) => this.#read(held, ids, batch.rows));
      const target = tf.tensor2d(labels, [batch.rows, 1]);
      const counts = weights && tf.tensor2d(weights, [batch.rows, 1]);
      const show = (name: string, value: Tensor): void => {
        this.#running.put(name, value);
      };
      const training = { seed: this.#seed, step, show };
      const constants = this.#constants.map((held) => this.#read(held, ids, batch.rows));
      const compute = (): Tensor => {
        const logits = this.#logits(batch, inputs, constants, training);
        return meanLogLoss(shift === 0 ? logits : tf.add(logits, shift), target, counts);
      };
      const { value, grads } = valueAndGradients(compute, inputs);
      // Only now: where there was no memory for the gradients, nothing has happened.
      this.#step = step;
      this.#running.takeIn(step);
      this.#adam.moveWhole(this.#held, grads, { step, learningRate });
      const { rows } = batch;
      if (ids.size > 0) this.#adam.moveRows(this.#held, grads, { step, learningRate, ids, rows, shares: this.#shares });
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
      const ids = tf.tensor1d(batch.ids, 'int32');
      const inputs = this.#held.map((held) => this.#read(held, ids, batch.rows));
      const constants = this.#constants.map((held) => this.#read(held, ids, batch.rows));
      return this.#logits(batch, inputs, constants);
    });
    const data = result.dataSync<'float32'>();
    result.dispose();
    return data;
  }

  /** A copy of every parameter. */
  weights(): Weights {
    return new Map([...this.#fixed, ...this.#copy('value')]);
  }

  /** Puts parameters back, for example those of the best step. The optimizer's moments stay. */
  setWeights(weights: Weights): void {
    this.#put('value', weights);
  }

  state(): TrainerState {
    return {
      step: this.#step,
      weights: this.#copy('value'),
      first: this.#copy('first'),
      second: this.#copy('second'),
    };
  }

  /** Goes on from where a trainer of the same spec and seed stood: the next steps give the same bits as that one's. */
  restore({ step, weights, first, second }: TrainerState): void {
    this.#put('value', weights);
    this.#put('first', first);
    this.#put('second', second);
    this.#step = step;
  }

  /** These weights, and an optimizer that has seen nothing. */
  startAgain(weights: Weights): void {
    const none = new Map(
      this.#held.map(({ parameter: { name, shape } }) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
    );
    this.restore({ step: 0, weights, first: none, second: none });
  }

  dispose(): void {
    for (const { value, first, second } of this.#held)
      for (const handle of [value, first, second]) this.#ops.destroy(handle);
    for (const { value } of [...this.#constants, ...this.#statistics]) this.#ops.destroy(value);
    this.#running.forget();
    for (const value of this.#whole.values()) value.dispose();
    if (this.#shares !== undefined) this.#ops.destroy(this.#shares);
    this.#adam.dispose();
    for (const images of this.#images.values()) images.dispose();
    this.#images = new Map();
  }

  #copy(which: 'value' | 'first' | 'second'): Weights {
    return new Map(
      this.#handles(which).map(({ parameter, handle }) => {
        const read = this.#tf.tidy(() => this.#ops.read(handle));
        const data = Float32Array.from(read.dataSync<'float32'>());
        read.dispose();
        return [parameter.name, data];
      }),
    );
  }

  #put(which: 'value' | 'first' | 'second', values: Weights): void {
    for (const { parameter, handle } of this.#handles(which)) {
      const { name, shape } = parameter;
      const data = values.get(name);
      if (data === undefined) throw new RangeError(`there are no weights for ${name}`);
      const tensor = this.#tf.tensor(data, [...shape], 'float32');
      this.#ops.assign(handle, tensor);
      tensor.dispose();
    }
  }

  /** What no gradient moves has a value, and no moments. */
  #handles(which: 'value' | 'first' | 'second'): readonly { readonly parameter: Parameter; readonly handle: Tensor }[] {
    const held = this.#held.map((one) => ({ parameter: one.parameter, handle: one[which] }));
    if (which !== 'value') return held;
    return [...held, ...this.#statistics.map(({ parameter, value }) => ({ parameter, handle: value }))];
  }

  /** A parameter's value; of a table, its rows at these ids: [rows, fields × width]. */
  #read({ parameter, value }: Pick<Held, 'parameter' | 'value'>, ids: Tensor, rows: number): Tensor {
    if (parameter.table === undefined) return this.#ops.read(value);
    return this.#tf.reshape(this.#ops.gatherRows(value, ids), [
      rows,
      (ids.size / Math.max(1, rows)) * parameter.shape[1]!,
    ]);
  }

  #logits(
    batch: TrainingBatch,
    inputs: readonly Tensor[],
    constants: readonly Tensor[],
    training?: Pass['training'],
  ): Tensor {
    const parameters = new Map([
      ...this.#held.map(({ parameter }, index) => [parameter.name, inputs[index]!] as const),
      ...this.#whole,
      ...this.#statistics.map(({ parameter, value }) => [parameter.name, this.#ops.read(value)] as const),
      ...this.#constants.map(({ parameter }, index) => [parameter.name, constants[index]!] as const),
    ]);
    const pass = {
      batch,
      parameters,
      perImage: (layer: string) => this.#perRow(layer, batch),
      dense: this.#dense,
      rectified: this.#rectified,
      ...(training && { training }),
    };
    return forward(this.spec, new TensorOperators(this.#ops, pass));
  }

  /** What a tower says of the rows' images. */
  #perRow(layer: string, { rows, images }: TrainingBatch): Tensor {
    const vectors = this.#images.get(layer);
    if (vectors === undefined) throw new RangeError(`there are no images for ${layer}`);
    const which = Int32Array.from({ length: rows }, (_, row) => 1 + (images?.[row] ?? -1));
    return this.#tf.gather(vectors, this.#tf.tensor1d(which, 'int32'));
  }
}
