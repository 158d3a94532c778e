import { rowMetrics } from './row-metrics.ts';
import type { RowMetrics } from './row-metrics.ts';
import type { ScoredRows } from './scored-rows.ts';

/** The rows that share one value, and their metrics. */
export interface SliceMetrics {
  readonly value: string;
  /** The rows' numbers, ascending. */
  readonly rowNumbers: Uint32Array;
  readonly metrics: RowMetrics;
  /** Too few rows, or too few of either class, to read anything into the metrics. */
  readonly weak: boolean;
}

export interface SliceOptions {
  /** Default: 100. */
  readonly minRows?: number;
  /** Rows needed of each class. Default: 10. */
  readonly minPositives?: number;
  /** Only the slices with most rows are kept. Default: all. */
  readonly maxSlices?: number;
}

/** Metrics of each distinct value, by row count descending, then by value. `values` has one value a row. */
export function sliceMetrics(
  rows: ScoredRows,
  values: ArrayLike<string>,
  options: SliceOptions = {},
): readonly SliceMetrics[] {
  if (values.length !== rows.labels.length)
    throw new RangeError(
      `slice values and labels must have one length, got ${values.length} and ${rows.labels.length}`,
    );
  const { minRows = 100, minPositives = 10, maxSlices = Infinity } = options;
  const byValue = new Map<string, number[]>();
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as string;
    const members = byValue.get(value);
    if (members === undefined) byValue.set(value, [row]);
    else members.push(row);
  }
  return [...byValue]
    .sort(([a, aRows], [b, bRows]) => bRows.length - aRows.length || (a < b ? -1 : 1))
    .slice(0, maxSlices)
    .map(([value, members]) => {
      const rowNumbers = Uint32Array.from(members);
      const metrics = rowMetrics(selectRows(rows, rowNumbers));
      const rarer = Math.min(metrics.positives, metrics.rows - metrics.positives);
      return { value, rowNumbers, metrics, weak: metrics.rows < minRows || rarer < minPositives };
    });
}

/** The rows of these numbers, in their order. */
export function selectRows(rows: ScoredRows, rowNumbers: Uint32Array): ScoredRows {
  const pick = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from(rowNumbers, (row) => values[row] as number);
  return { scores: pick(rows.scores), labels: pick(rows.labels), ...(rows.weights && { weights: pick(rows.weights) }) };
}
