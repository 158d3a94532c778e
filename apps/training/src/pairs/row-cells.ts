/** Numbers of a row, side by side, since the rows that have an id lie all over. */
export const cellsPerRow = 8;
/** Mean and variance of its logit, what it misses, the expected second derivative of its loss, a bound on that. */
export const [logit, variance, missed, curvature, bound] = [0, 1, 2, 3, 4] as const;
/** And of what has a number in one factor: sum of means, of variances, and of their products. */
export const [sum, spread, both] = [5, 6, 7] as const;

/** Adds to a row's logit, and brings what it misses to there. */
export function addTo(cells: Float64Array, row: number, change: number): void {
  const cell = row * cellsPerRow;
  cells[cell + logit]! += change;
  cells[cell + missed]! -= cells[cell + bound]! * change;
}
