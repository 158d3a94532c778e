import { noiseBits } from './drift-noise.ts';
import { divergenceBits, type ValueCounts } from './value-counts.ts';

/** One column's reading. */
export interface DriftReading {
  readonly column: string;
  /** Divergence of the window from the training rows, bits. */
  readonly bits: number;
  /** What it must exceed to be a drift, bits. */
  readonly threshold: number;
  readonly drifted: boolean;
}

/** What is known of a column from the span that a model was trained on. */
export interface DriftBaseline {
  readonly column: string;
  readonly training: ValueCounts;
  /** How far the span's own held-out rows lie from its training rows, bits: the world moves that much by itself. */
  readonly movementBits: number;
}

/** Default of `thresholds.featureDriftBits`: what a drift must exceed besides movement and chance. */
export const defaultDriftBits = 0.05;
/** The world may move on at this many times its pace within the span. */
const movementFactor = 2;
/** Rows that a category must have on average for the column to be judged. */
const rowsPerCategory = 5;

/**
 * Has a window's column drifted from the training rows? Its divergence must exceed the limit, and besides it what the world moved
 * by itself between the span's training and held-out rows, and what chance gives. Undefined where the rows are too few for the
 * column's categories.
 */
export function judgeDrift(
  { column, training, movementBits }: DriftBaseline,
  window: ValueCounts,
  limitBits: number = defaultDriftBits,
): DriftReading | undefined {
  const categories = new Set([...training.histogram.keys(), ...window.histogram.keys()]).size;
  if (window.rows === 0 || training.rows === 0 || window.rows < rowsPerCategory * categories) return undefined;
  const bits = divergenceBits(training, window);
  const threshold = limitBits + movementFactor * movementBits + noiseBits(categories, training.rows, window.rows);
  return { column, bits, threshold, drifted: bits > threshold };
}
