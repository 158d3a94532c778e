import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import type { Parameter } from '@adstocrat/models';
import { loadTensorflow } from './load-tensorflow.ts';
import type { NativeOps } from './native-ops.ts';

/** Of what was, what each batch leaves. With .99 statistics lag behind the weights for the first epochs, by which settings are chosen: .01 to .02 of log-loss. */
const momentum = 0.9;

/** A parameter that no gradient moves, in TensorFlow. */
export interface HeldStatistic {
  readonly parameter: Parameter;
  readonly value: Tensor;
}

/**
 * What batches show, put by while a pass computes and taken in when its step is taken: the plain mean over the first ten batches, from there on one that forgets.
 */
export class RunningStatistics {
  readonly #ops: NativeOps;
  readonly #held: readonly HeldStatistic[];
  readonly #shown = new Map<string, Tensor>();

  constructor(ops: NativeOps, held: readonly HeldStatistic[]) {
    this.#ops = ops;
    this.#held = held;
  }

  /** What a batch showed of a parameter: kept until it is taken in or forgotten. */
  put(name: string, value: Tensor): void {
    this.#shown.get(name)?.dispose();
    this.#shown.set(name, loadTensorflow().keep(value.clone()));
  }

  /** Takes in what the pass of a step showed, from 1 on. */
  takeIn(step: number): void {
    const tf = loadTensorflow();
    const share = Math.max(1 - momentum, 1 / step);
    for (const { parameter, value } of this.#held) {
      const shown = this.#shown.get(parameter.name);
      if (shown === undefined) continue;
      const before = this.#ops.read(value);
      this.#ops.assign(value, tf.add(before, tf.mul(tf.sub(shown, before), share)));
    }
    this.forget();
  }

  /** What a pass showed whose step is not taken. */
  forget(): void {
    for (const shown of this.#shown.values()) shown.dispose();
    this.#shown.clear();
  }
}
