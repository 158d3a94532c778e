import type { Moments } from '@adstocrat/example-engine';
import type { ColumnarBatch } from '@adstocrat/examples';

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
export async function momentsOf(batches: AsyncIterable<ColumnarBatch>, column: string): Promise<Moments> {
  let [count, missing, min, max, shift] = [0, 0, Infinity, -Infinity, NaN];
  const [first, second] = [new Sum(), new Sum()];
  for await (const batch of batches) {
    const values = batch.columns.get(column)?.values;
    if (!(values instanceof Float64Array)) throw new TypeError(`moments need a numeric column, ${column} is text`);
    for (const value of values) {
      if (Number.isNaN(value)) {
        missing += 1;
        continue;
      }
      if (count === 0) shift = value;
      count += 1;
      if (value < min) min = value;
      if (value > max) max = value;
      first.add(value - shift);
      second.add((value - shift) ** 2);
    }
  }
  if (count === 0) return { count, missing, mean: NaN, deviation: NaN, min: NaN, max: NaN };
  const offset = first.value / count;
  const variance = Math.max(0, second.value / count - offset * offset);
  return { count, missing, mean: shift + offset, deviation: Math.sqrt(variance), min, max };
}
