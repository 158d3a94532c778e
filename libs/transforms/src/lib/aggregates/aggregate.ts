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
  /** Told before the first row, where it holds numbers: how many figures do, itself among them, that share the room for all of a graph's. */
  readonly shareRoom?: (figures: number) => void;
  /** Where it holds terms. */
  readonly terms?: HeldTerms;
}

/** Terms that a figure holds while it counts. */
export interface HeldTerms {
  count(): number;
  /** Lets the rarest of them go: counts are short by one more. */
  forget(): void;
}
