import type { Moments } from '@adstocrat/example-engine';

/** A sum with Neumaier's compensation: the error stays that of one rounding, whatever the number of terms. */
class Sum {
  #sum = 0;
  #lost = 0;
  add(value: number): void {
    const next = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
  }
  get value(): number {
    return this.#sum + this.#lost;
  }
}

/** Moments of one column, summed in row order, so that threads do not matter. Shifted by the first value against cancellation. */
export class MomentsOf {
  #count = 0;
  #missing = 0;
  #min = Infinity;
  #max = -Infinity;
  #shift = NaN;
  readonly #first = new Sum();
  readonly #second = new Sum();

  /** NaN is missing. */
  add(values: Float64Array): void {
    for (const value of values) {
      if (Number.isNaN(value)) {
        this.#missing += 1;
        continue;
      }
      if (this.#count === 0) this.#shift = value;
      this.#count += 1;
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
      this.#first.add(value - this.#shift);
      this.#second.add((value - this.#shift) ** 2);
    }
  }

  get value(): Moments {
    const [count, missing] = [this.#count, this.#missing];
    if (count === 0) return { count, missing, mean: NaN, deviation: NaN, min: NaN, max: NaN };
    const offset = this.#first.value / count;
    const variance = Math.max(0, this.#second.value / count - offset * offset);
    return {
      count,
      missing,
      mean: this.#shift + offset,
      deviation: Math.sqrt(variance),
      min: this.#min,
      max: this.#max,
    };
  }
}
