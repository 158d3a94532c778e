/** One of so many goes on from a rung to the next. */
const reduction = 3;
/** Rungs below the last one. */
const below = 2;

/** Epochs after which a trial is compared with the others: a ninth, a third and all of them. */
export function rungsOf(epochs: number): readonly number[] {
  return Array.from({ length: below + 1 }, (_, index) => epochs / reduction ** (below - index));
}

/**
 * Whether a trial goes on from a rung: it does where it is among the best third of those that have come to it so far, itself among them, or the best.
 * Nobody waits for anybody, so an early trial may go on that later ones would have kept back. `losses`: of the others at this rung. Source: L. Li et al.,
 * "A System for Massively Parallel Hyperparameter Tuning", 2020 (ASHA), in the form that stops trials instead of pausing them.
 */
export function goesOn(loss: number, losses: readonly number[]): boolean {
  const places = Math.max(1, Math.floor((losses.length + 1) / reduction));
  return losses.filter((one) => one < loss).length < places;
}
