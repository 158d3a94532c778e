import type { Random } from './random.ts';

/** Draws positions in proportion to their weights, in constant time (Walker's alias method, Vose's construction). */
export class WeightedChoice {
  readonly #threshold: Float64Array;
  readonly #alias: Int32Array;

  /** Throws `RangeError` when no weight is positive, or one is negative or not finite. */
  constructor(weights: ArrayLike<number>) {
    const count = weights.length;
    const total = Array.from(weights).reduce((sum, weight) => sum + weight, 0);
    if (!(total > 0 && total < Infinity))
      throw new RangeError(`weights must have a positive, finite sum, got ${total}`);
    this.#threshold = new Float64Array(count);
    this.#alias = new Int32Array(count);
    const scaled = Float64Array.from(weights, (weight) => (weight * count) / total);
    const small: number[] = [];
    const large: number[] = [];
    for (let index = 0; index < count; index++) {
      const weight = scaled[index]!;
      if (weight < 0) throw new RangeError(`weight ${index} must be >= 0, got ${weights[index]}`);
      (weight < 1 ? small : large).push(index);
    }
    while (small.length > 0 && large.length > 0) {
      const less = small.pop()!;
      const more = large.at(-1)!;
      this.#threshold[less] = scaled[less]!;
      this.#alias[less] = more;
      scaled[more] = scaled[more]! + scaled[less]! - 1;
      if (scaled[more]! < 1) small.push(large.pop()!);
    }
    for (const index of [...small, ...large]) this.#threshold[index] = 1;
  }

  draw(random: Random): number {
    const place = random.uniform() * this.#threshold.length;
    const index = Math.floor(place);
    return place - index < this.#threshold[index]! ? index : this.#alias[index]!;
  }
}

/** Zipf's law: the weight of rank r (from 1) is r^−exponent. */
export function zipfWeights(count: number, exponent: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => (index + 1) ** -exponent);
}
