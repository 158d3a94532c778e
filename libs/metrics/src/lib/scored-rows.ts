/** Rows with a predicted probability and what happened, in one order. */
export interface ScoredRows {
  /** Finite; probabilities in [0, 1] for everything but ranking metrics. */
  readonly scores: ArrayLike<number>;
  /** 0 or 1. */
  readonly labels: ArrayLike<number>;
  /** Finite and >= 0. Default: 1 for every row. */
  readonly weights?: ArrayLike<number>;
}

/** Throws a RangeError that names the row of the first bad value. Every metric checks its rows with this. */
export function checkScoredRows(rows: ScoredRows, scoreName = 'score'): void {
  const { scores, labels, weights } = rows;
  if (scores.length !== labels.length)
    throw new RangeError(`${scoreName}s and labels must have one length, got ${scores.length} and ${labels.length}`);
  if (weights !== undefined && weights.length !== labels.length) {
    throw new RangeError(`weights and labels must have one length, got ${weights.length} and ${labels.length}`);
  }
  for (let row = 0; row < labels.length; row++) {
    if (!Number.isFinite(scores[row]))
      throw new RangeError(`${scoreName} of row ${row} must be finite, got ${scores[row]}`);
    if (labels[row] !== 0 && labels[row] !== 1)
      throw new RangeError(`label of row ${row} must be 0 or 1, got ${labels[row]}`);
    const weight = weights?.[row];
    if (weight !== undefined && !(weight >= 0 && weight < Infinity))
      throw new RangeError(`weight of row ${row} must be finite and >= 0, got ${weight}`);
  }
}

/** Throws a RangeError unless every score lies in [0, 1]. */
export function checkProbabilities(rows: ScoredRows): void {
  checkScoredRows(rows);
  for (let row = 0; row < rows.scores.length; row++) {
    const score = rows.scores[row] as number;
    if (score < 0 || score > 1) throw new RangeError(`score of row ${row} must lie in [0, 1], got ${score}`);
  }
}

/** Row numbers in ascending order of score; the order among equal scores carries no meaning. */
export function ascendingByScore(scores: ArrayLike<number>): Uint32Array {
  const order = new Uint32Array(scores.length);
  for (let row = 0; row < order.length; row++) order[row] = row;
  return order.sort((a, b) => (scores[a] as number) - (scores[b] as number));
}
