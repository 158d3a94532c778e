import { splitMix32 } from '@adstocrat/models';

/** Seeded draws. */
export class Draws {
  readonly #bits: () => number;

  constructor(seed: number) {
    this.#bits = splitMix32(Math.imul(seed + 1, 0x9e3779b9));
  }

  /** Uniform in [from, to). */
  uniform(from = 0, to = 1): number {
    return from + ((to - from) * this.#bits()) / 2 ** 32;
  }

  /** Uniform whole number in [0, below). */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A draw of ranks 0 … count − 1 with chances ∝ 1 ÷ (rank + 1)^exponent. */
  zipf(count: number, exponent: number): () => number {
    const sums = new Float64Array(count);
    let sum = 0;
    for (let rank = 0; rank < count; rank += 1) sums[rank] = sum += (rank + 1) ** -exponent;
    return () => {
      const wanted = this.uniform() * sum;
      let [low, high] = [0, count - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sums[middle]! < wanted) low = middle + 1;
        else high = middle;
      }
      return low;
    };
  }
}

export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
