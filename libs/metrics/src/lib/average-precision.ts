import { ascendingByScore, checkScoredRows } from './scored-rows.ts';
import type { ScoredRows } from './scored-rows.ts';

/**
 * Area under the precision–recall curve as average precision: Σ (recallₖ − recallₖ₋₁) · precisionₖ over distinct
 * scores, descending, without interpolation (scikit-learn's `average_precision_score`). In [0, 1]; NaN without positives. `order`: the rows' numbers by score, where they are known.
 */
export function averagePrecision(rows: ScoredRows, order = ascendingByScore(rows.scores)): number {
  checkScoredRows(rows);
  const { scores, labels, weights } = rows;
  let positives = 0;
  let taken = 0;
  let area = 0;
  for (let end = order.length; end > 0;) {
    const score = scores[order[end - 1] as number];
    let found = 0;
    for (; end > 0 && scores[order[end - 1] as number] === score; end--) {
      const row = order[end - 1] as number;
      const weight = weights?.[row] ?? 1;
      taken += weight;
      if (labels[row] === 1) found += weight;
    }
    positives += found;
    if (taken > 0) area += found * (positives / taken);
  }
  return area / positives;
}
