import type { Beliefs } from './pair-beliefs.ts';
import { addTo, bound, cellsPerRow, curvature, missed } from './row-cells.ts';

/** Rows that have what a weight is of. */
export interface WeightRows {
  readonly rowsOf: Int32Array;
  /** The places of its rows in `rowsOf`. */
  readonly from: number;
  readonly to: number;
  /** By place, how often the row has it; once where it is left out. */
  readonly times?: Float32Array;
}

/** Moves the belief `at` about a weight, and the logits of its rows with it. `prior`: its precision before rows are seen. */
export function moveWeight(
  cells: Float64Array,
  { mean, variance }: Beliefs,
  at: number,
  prior: number,
  { rowsOf, from, to, times }: WeightRows,
): void {
  let slope = -prior * mean[at]!;
  let bounds = prior;
  let precision = prior;
  for (let place = from; place < to; place += 1) {
    const cell = rowsOf[place]! * cellsPerRow;
    const count = times === undefined ? 1 : times[place]!;
    slope += count * cells[cell + missed]!;
    bounds += count * count * cells[cell + bound]!;
    precision += count * count * cells[cell + curvature]!;
  }
  const change = slope / bounds;
  mean[at]! += change;
  variance[at] = 1 / precision;
  for (let place = from; place < to; place += 1)
    addTo(cells, rowsOf[place]!, times === undefined ? change : times[place]! * change);
}
