const least = -16;
const most = 12;
const steps = 64;

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/**
 * E[sigmoid(x + deviation · Z)] for a standard normal Z, from a table.
 * The integral is a sum over 81 points in ±6 deviations; between table points 1/64 apart the interpolation is
 * linear, so the relative error is below (1/64)² ÷ 8 ≈ 3e-5. Beyond [−16, 12] the end value holds.
 */
export class NoisySigmoid {
  readonly deviation: number;
  readonly #table: Float64Array;

  constructor(deviation: number) {
    this.deviation = deviation;
    this.#table = Float64Array.from({ length: (most - least) * steps + 1 }, (_, index) => {
      let sum = 0;
      let mass = 0;
      for (let point = -40; point <= 40; point++) {
        const z = (point * 6) / 40;
        const weight = Math.exp((-z * z) / 2);
        sum += weight * sigmoid(least + index / steps + deviation * z);
        mass += weight;
      }
      return sum / mass;
    });
  }

  at(logit: number): number {
    const place = Math.min(Math.max((logit - least) * steps, 0), this.#table.length - 1);
    const index = Math.min(Math.floor(place), this.#table.length - 2);
    const low = this.#table[index]!;
    return low + (place - index) * (this.#table[index + 1]! - low);
  }
}
