import type { Aggregate, TrainingRows } from './aggregate.ts';
import type { Numbers } from './texts.ts';

/** Values held at most, and by all of a graph's figures together: with their hashes 12 bytes each. */
const [heldValues, heldByAll] = [2 ** 20, 2 ** 26] as const;

/**
 * Values at probabilities in [0, 1], ascending, of the finite numbers: nearest rank, so each occurs. Exact up to 2^20 rows; beyond them
 * over every row whose number's hash is small, about 2^19 to 2^20 of them, so that a rank is off by 0.1 % at two deviations. Of 2,000 figures
 * each has 2^15 values, and ranks are off by 0.8 %.
 */
export function quantiles(numbers: Numbers, probabilities: readonly number[]): Aggregate<readonly number[]> {
  let values = new Float64Array(4096);
  let hashes = new Uint32Array(4096);
  let held = 0;
  let limit = 2 ** 32;
  let most: number = heldValues;
  const thin = (): void => {
    limit /= 2;
    let kept = 0;
    for (let at = 0; at < held; at += 1) {
      if (hashes[at]! >= limit) continue;
      values[kept] = values[at]!;
      hashes[kept] = hashes[at]!;
      kept += 1;
    }
    held = kept;
  };
  return {
    shareRoom(figures) {
      while (most * figures > heldByAll) most /= 2;
    },
    add({ columns, rows, firstRow }: TrainingRows) {
      for (let row = 0; row < rows; row += 1) {
        const hash = mixRow(firstRow + row);
        if (hash >= limit) continue;
        const value = numbers(columns, row);
        if (!Number.isFinite(value)) continue;
        if (held === most) thin();
        if (held === values.length) {
          values = grown(values, new Float64Array(held * 2));
          hashes = grown(hashes, new Uint32Array(held * 2));
        }
        if (hash >= limit) continue;
        values[held] = value;
        hashes[held] = hash;
        held += 1;
      }
    },
    result() {
      const sorted = values.slice(0, held).sort();
      if (held === 0) return [];
      return probabilities.map((p) => sorted[Math.max(0, Math.ceil(p * held) - 1)]!);
    },
  };
}

function grown<A extends Float64Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/**
 * A row's number, mixed (murmur3's finalizer): which rows are kept has nothing to do with what is in them. Its last step, which
 * changes the lower half by the upper one, is left out: whether a number is below a power of two, which alone is asked, stays as it is.
 */
function mixRow(row: number): number {
  let hash = row ^ Math.floor(row / 2 ** 32);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash >>> 0;
}
