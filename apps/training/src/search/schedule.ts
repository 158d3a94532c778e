/** Epochs of one model that a run trains for, all trials together, unless the task says otherwise. */
export const defaultBudget = 12;

/** A budget below which a run is to be quick: pairs are fitted from one beginning, and nothing is fitted again on all rows. */
export const quickBelow = 6;

/** Epochs without a better look that end a trial. */
export const patienceEpochs = 3;

/** Rows of a batch: as many as leave some 64 steps to an epoch, a power of two in [64, 2048]. */
export function batchSizeFor(rows: number): number {
  const wanted = 2 ** Math.floor(Math.log2(Math.max(1, rows / 64)));
  return Math.min(2048, Math.max(64, wanted), Math.max(1, rows));
}

/** Phases of the halving, in twelfths of the budget: so many trials, the best ones, each train for so long. */
export const phases = [
  { keep: Infinity, twelfths: 1 },
  { keep: 2, twelfths: 1 },
  { keep: 1, twelfths: 6 },
] as const;

/**
 * Validation rows that are looked at, at most: an even part of them where there are more. What a look can then not tell apart is a
 * thousandth of the losses' deviation.
 */
export const mostValidationRows = 500_000;

/** Validation rows of each label below which they choose nothing and calibrate nothing. */
export const fewestLabels = 10;
