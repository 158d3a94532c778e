/**
 * The divergence in bits that two samples of one distribution show by chance, with 3 standard deviations to spare.
 *
 * For p, q near their middle m, JS(p, q) ≈ ⅛ Σ (p − q)² / m nats, and Σ (p − q)² / (m (1/n + 1/n')) is χ² with k − 1 degrees of
 * freedom, of mean k − 1 and variance 2 (k − 1). Hence (k − 1 + 3 √(2 (k − 1))) (1/n + 1/n') / (8 ln 2).
 * Source for the expansion: J. Lin, IEEE Transactions on Information Theory 37(1), 1991.
 */
export function noiseBits(categories: number, rows: number, otherRows: number): number {
  if (!(rows > 0 && otherRows > 0)) throw new RangeError(`both sides need rows, got ${rows} and ${otherRows}`);
  const freedom = Math.max(0, categories - 1);
  return ((freedom + 3 * Math.sqrt(2 * freedom)) * (1 / rows + 1 / otherRows)) / (8 * Math.LN2);
}
