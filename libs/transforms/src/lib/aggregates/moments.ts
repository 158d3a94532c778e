import type { Aggregate, TrainingRows } from './aggregate.ts';
import type { Numbers } from './texts.ts';

export interface MomentsOf {
  readonly count: number;
  readonly missing: number;
  readonly mean: number;
  /** Population standard deviation. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
}

/** Largest finite float32. */
const largest = 3.4028234663852886e38;

/**
 * Mean and spread of the finite numbers, those beyond a float32 cut to the largest of them: squares stay finite. In one pass by Welford's recurrence, which loses nothing to a mean far from 0.
 * Source: B. P. Welford, "Note on a Method for Calculating Corrected Sums of Squares and Products", Technometrics 4(3), 1962.
 */
export function moments(numbers: Numbers): Aggregate<MomentsOf> {
  let [count, missing, mean, squares] = [0, 0, 0, 0];
  let [min, max] = [Infinity, -Infinity];
  return {
    add({ columns, rows }: TrainingRows) {
      for (let row = 0; row < rows; row += 1) {
        const given = numbers(columns, row);
        if (!Number.isFinite(given)) {
          missing += 1;
          continue;
        }
        const value = Math.max(-largest, Math.min(largest, given));
        count += 1;
        const away = value - mean;
        mean += away / count;
        squares += away * (value - mean);
        if (value < min) min = value;
        if (value > max) max = value;
      }
    },
    result: () => ({ count, missing, mean, deviation: count === 0 ? 0 : Math.sqrt(squares / count), min, max }),
  };
}
