import { horizonMs, type LabelRule } from './label-of.ts';

const hourMs = 3_600_000;
/** Slices that are shorter than this much wall time are not worth their tables. */
const minWallMs = 60_000;
/** Slices that one window spans, about: each is looked at once for every label. */
const slicesInWindow = 4;

/**
 * Horizons that a slice of predictions is kept for after its end: one for labels, one for what is said late, or of an answer sent on
 * late. Labels must be done one horizon past its end: a row may be seen a little after its slice.
 */
export const keptHorizons = 2;

/** How long a slice should be for the longest window there is, server milliseconds: at least an hour, and a minute on the wall. */
export function sliceLengthMs(windowMs: number, clockSpeed: number): number {
  return Math.ceil(Math.max(hourMs, minWallMs * clockSpeed, windowMs / slicesInWindow));
}

/**
 * Longest server milliseconds for which a prediction is kept from when the bus took it, where nothing is behind: to the end of its slice
 * and the horizons after that. One of a model without a rule goes with the others.
 */
export function predictionsKeptMs(rules: readonly LabelRule[], clockSpeed: number): number {
  const horizon = Math.max(0, ...rules.map(horizonMs));
  const window = Math.max(0, ...rules.map(({ windowMs }) => windowMs));
  return sliceLengthMs(window, clockSpeed) + keptHorizons * horizon;
}
