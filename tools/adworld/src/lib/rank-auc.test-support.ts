/** AUC by Mann and Whitney's rank sum, ties at their mean rank, each row a click to the degree `outcome`. For specs. */
export function rankAuc(rows: readonly { readonly prediction: number; readonly outcome: number }[]): number {
  const sorted = rows.toSorted((a, b) => a.prediction - b.prediction);
  let positives = 0;
  let rankSum = 0;
  let before = 0;
  for (let index = 0; index < sorted.length;) {
    let end = index;
    let clicks = 0;
    while (end < sorted.length && sorted[end]!.prediction === sorted[index]!.prediction)
      clicks += sorted[end++]!.outcome;
    const misses = end - index - clicks;
    rankSum += clicks * (before + misses / 2);
    before += misses;
    positives += clicks;
    index = end;
  }
  return rankSum / (positives * before);
}
