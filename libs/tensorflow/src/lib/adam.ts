import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import type { Parameter } from '@adstocrat/models';
import { loadTensorflow } from './load-tensorflow.ts';
import type { NativeOps } from './native-ops.ts';

/** A parameter in TensorFlow with Adam's two moments. */
export interface Held {
  readonly parameter: Parameter;
  readonly value: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

/** The step that is taken, from 1 on. */
export interface AdamStep {
  readonly step: number;
  readonly learningRate: number;
}

const [beta1, beta2] = [0.9, 0.999];

/**
 * Adam on variables in TensorFlow: fused on whole parameters; lazy on tables, of which only the rows of a batch and their moments move. Source:
 * D. Kingma and J. Ba, "Adam", 2015, in the form whose step size is corrected for both moments. Disposing frees everything.
 */
export class Adam {
  readonly #tf = loadTensorflow();
  readonly #ops: NativeOps;
  // Of all steps, made and taken to the device once.
  readonly #beta1 = this.#kept(beta1);
  readonly #beta2 = this.#kept(beta2);
  readonly #epsilon = this.#kept(1e-7);
  readonly #rest1 = this.#kept(1 - beta1);
  readonly #rest2 = this.#kept(1 - beta2);

  constructor(ops: NativeOps) {
    this.#ops = ops;
  }

  /** Moves all parameters that are no tables. Gradients are in the order of what is held. */
  moveWhole(held: readonly Held[], gradients: readonly Tensor[], { step, learningRate }: AdamStep): void {
    const ofStep = [beta1 ** step, beta2 ** step, learningRate].map((value) => this.#tf.scalar(value));
    const scalars = [...ofStep, this.#beta1, this.#beta2, this.#epsilon];
    for (const [at, { parameter, value, first, second }] of held.entries())
      if (parameter.table === undefined) this.#ops.applyAdam(value, first, second, scalars, gradients[at]!);
  }

  /** Moves all tables' rows at these ids, of `rows` examples. Shares: 1 ÷ how often an id is seen in an epoch, [idRows, 1], for priors. */
  moveRows(
    held: readonly Held[],
    gradients: readonly Tensor[],
    { step, learningRate, ids, rows, shares }: AdamStep & { ids: Tensor; rows: number; shares: Tensor | undefined },
  ): void {
    const tf = this.#tf;
    const [distinct, index] = this.#ops.unique(ids);
    const sumById = this.#ops.rowSums(index, distinct.shape[0]!);
    const rate = tf.scalar((learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step));
    // What share of an id's examples lies in this batch, as a share of the batch: the loss is a mean over it.
    const prior = shares && sumById(tf.div(this.#ops.gatherRows(shares, ids), rows));
    for (const [at, { parameter, value, first, second }] of held.entries()) {
      if (parameter.table === undefined) continue;
      let gradient = sumById(tf.reshape(gradients[at]!, [ids.size, parameter.shape[1]!]));
      const before = this.#ops.gatherRows(value, distinct);
      const { l2 } = parameter.table;
      if (prior !== undefined && l2 > 0) gradient = tf.add(gradient, tf.mul(tf.mul(before, prior), l2));
      const [m0, v0] = [this.#ops.gatherRows(first, distinct), this.#ops.gatherRows(second, distinct)];
      const m = tf.add(tf.mul(m0, this.#beta1), tf.mul(gradient, this.#rest1));
      const v = tf.add(tf.mul(v0, this.#beta2), tf.mul(tf.square(gradient), this.#rest2));
      this.#ops.updateRows(first, distinct, m);
      this.#ops.updateRows(second, distinct, v);
      // Written and not subtracted in place: TensorFlow copies rows seven times as fast as it computes on them.
      const change = tf.mul(tf.div(m, tf.add(tf.sqrt(v), this.#epsilon)), rate);
      this.#ops.updateRows(value, distinct, tf.sub(before, change));
    }
  }

  dispose(): void {
    for (const kept of [this.#beta1, this.#beta2, this.#epsilon, this.#rest1, this.#rest2]) kept.dispose();
  }

  #kept(value: number): Tensor {
    return this.#tf.keep(this.#tf.scalar(value));
  }
}
