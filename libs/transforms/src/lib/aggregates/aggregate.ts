import type { Columns } from '../operation.ts';

/** Training rows in their order, a batch at a time. */
export interface TrainingRows {
  readonly columns: Columns;
  readonly rows: number;
  /** Position of the first one among all training rows. */
  readonly firstRow: number;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** Fold of each row; see `Folds`. */
  readonly folds: ArrayLike<number>;
}

/** One figure over the training rows. Deterministic in their order, and of bounded memory. */
export interface Aggregate<T> {
  add(rows: TrainingRows): void;
  result(): T;
}
