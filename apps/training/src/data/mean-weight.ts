import type { LoadedExamples } from './load-examples.ts';

/** 1 where all rows count alike. Throws `RangeError` where rows count nothing together. */
export function meanWeight({ weights, rows }: Pick<LoadedExamples, 'weights' | 'rows'>): number {
  if (weights === undefined || rows === 0) return 1;
  return positiveMean(
    weights.reduce((sum, weight) => sum + weight, 0),
    rows,
  );
}

/** Of a sum over so many rows. */
export function positiveMean(sum: number, rows: number): number {
  if (!(sum > 0)) throw new RangeError(`the weights of ${rows} rows come to ${sum}: nothing would count`);
  return sum / rows;
}

/** The same rows, whose weights are multiplied in place. */
export function scaledWeights<T extends Pick<LoadedExamples, 'weights'>>(examples: T, factor: number): T {
  const { weights } = examples;
  if (weights !== undefined) for (let row = 0; row < weights.length; row += 1) weights[row]! *= factor;
  return examples;
}
