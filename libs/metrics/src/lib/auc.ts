import { ascendingByScore, checkScoredRows } from './scored-rows.ts';
import type { ScoredRows } from './scored-rows.ts';

/**
 * Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half
 * (Mann–Whitney U over its maximum). Exact. In [0, 1]; NaN where either class has no weight. `order`: the rows' numbers by score, where they are known.
 */
export function auc(rows: ScoredRows, order = ascendingByScore(rows.scores)): number {
  checkScoredRows(rows);
  const { scores, labels, weights } = rows;
  let positives = 0;
  let negativesBelow = 0;
  let won = 0;
  for (let start = 0; start < order.length;) {
    const score = scores[order[start] as number];
    let tiedPositives = 0;
    let tiedNegatives = 0;
    let end = start;
    for (; end < order.length && scores[order[end] as number] === score; end++) {
      const row = order[end] as number;
      const weight = weights?.[row] ?? 1;
      if (labels[row] === 1) tiedPositives += weight;
      else tiedNegatives += weight;
    }
    won += tiedPositives * (negativesBelow + tiedNegatives / 2);
    positives += tiedPositives;
    negativesBelow += tiedNegatives;
    start = end;
  }
  return won / (positives * negativesBelow);
}
