import { type Column, reservedColumns } from '@adstocrat/examples';
import { hashBucket } from './exact/fingerprint-64.ts';
import { numberAt, textAt } from './read-values.ts';

/** Parts that training rows fall into. */
export const foldCount = 10;

/** What tells a row's fold: the columns that a training batch must have. */
export const foldColumns = [reservedColumns.timeMs, reservedColumns.id] as const;

/** Probabilities of the times between folds. */
export const foldProbabilities: readonly number[] = Array.from(
  { length: foldCount - 1 },
  (_, index) => (index + 1) / foldCount,
);

/**
 * Where figures of a training row come from, so that its own label has no part in them. With times: folds are stretches of time with as
 * many rows each, and a row sees the folds before its own, as it would have seen them then; the first fold sees nothing. Without: folds
 * are drawn by the hash of a row's id, and a row sees all but its own.
 */
export class Folds {
  readonly #boundariesMs: readonly number[];

  /** Times between the folds, ascending; none: there are no times. */
  constructor(boundariesMs: readonly number[] = []) {
    this.#boundariesMs = boundariesMs;
  }

  /** The fold of a row, in [0, foldCount). A row without a time is of the first one. */
  at(times: Column | undefined, ids: Column | undefined, row: number): number {
    if (this.#boundariesMs.length === 0) return hashBucket(textAt(ids, row) ?? '', foldCount);
    const time = numberAt(times, row);
    let fold = 0;
    while (fold < this.#boundariesMs.length && time >= this.#boundariesMs[fold]!) fold += 1;
    return fold;
  }

  /** Whether rows of a fold see the rows of another. */
  sees(fold: number, other: number): boolean {
    return this.#boundariesMs.length === 0 ? other !== fold : other < fold;
  }
}
