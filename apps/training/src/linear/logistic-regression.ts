import type { LoadedExamples } from '../data/load-examples.ts';
import type { TrainingRows } from '../data/training-rows.ts';
import { minimize } from './minimize.ts';

/** A logistic regression: one weight an id, one a number, and a bias, in this order. */
export interface LinearWeights {
  readonly ids: Float64Array;
  readonly numbers: Float64Array;
  readonly bias: number;
}

const rowsPerTurn = 65_536;

/**
 * The most likely logistic regression under a normal prior of variance 1 ÷ `l2` on each weight but the bias: minimizes
 * Σ log-loss + l2 / 2 · ‖weights‖². Begins at `from`, where it is given. Reads all rows once an iteration or a little more, and yields to
 * the event loop meanwhile.
 */
export async function logisticRegression(
  train: TrainingRows,
  options: { readonly idRows: number; readonly l2: number; readonly from?: LinearWeights },
): Promise<LinearWeights> {
  const { idRows, l2, from } = options;
  const { rows, positives, fields, denseWidth } = train;
  const size = idRows + denseWidth + 1;
  const x = new Float64Array(size);
  const rate = (positives + 0.5) / (rows + 1);
  x[size - 1] = Math.log(rate / (1 - rate));
  if (from !== undefined) {
    x.set(from.ids);
    x.set(from.numbers, idRows);
    x[size - 1] = from.bias;
  }
  const each = rate * (1 - rate);
  const curvature = new Float64Array(size).fill(l2);
  for await (const { ids, dense } of train.parts()) {
    for (const id of ids) curvature[id]! += each;
    for (let at = 0; at < dense.length; at += 1) curvature[idRows + (at % denseWidth)]! += each * dense[at]! ** 2;
  }
  curvature[size - 1] = Math.max(1, each * rows);

  await minimize(
    async (weights, gradient) => {
      let loss = 0;
      for (let at = 0; at < size - 1; at += 1) {
        loss += (l2 / 2) * weights[at]! ** 2;
        gradient[at] = l2 * weights[at]!;
      }
      gradient[size - 1] = 0;
      for await (const { rows: partRows, ids, dense, labels } of train.parts()) {
        for (let row = 0; row < partRows; row += 1) {
          let logit = weights[size - 1]!;
          for (let at = row * fields; at < (row + 1) * fields; at += 1) logit += weights[ids[at]!]!;
          for (let input = 0; input < denseWidth; input += 1)
            logit += weights[idRows + input]! * dense[row * denseWidth + input]!;
          const label = labels[row]!;
          // log(1 + e^−|z|) neither overflows nor cancels.
          loss += Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit)));
          const off = 1 / (1 + Math.exp(-logit)) - label;
          for (let at = row * fields; at < (row + 1) * fields; at += 1) gradient[ids[at]!]! += off;
          for (let input = 0; input < denseWidth; input += 1)
            gradient[idRows + input]! += off * dense[row * denseWidth + input]!;
          gradient[size - 1]! += off;
          if (row % rowsPerTurn === rowsPerTurn - 1) await new Promise(setImmediate);
        }
      }
      await new Promise(setImmediate);
      return loss;
    },
    x,
    { curvature, maxIterations: 60, tolerance: 1e-6 },
  );
  return { ids: x.slice(0, idRows), numbers: x.slice(idRows, size - 1), bias: x[size - 1]! };
}

/** One logit a row. */
export function linearLogits(
  { rows, fields, denseWidth, ids, dense }: LoadedExamples,
  { ids: weights, numbers, bias }: LinearWeights,
): Float32Array {
  const logits = new Float32Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let logit = bias;
    for (let at = row * fields; at < (row + 1) * fields; at += 1) logit += weights[ids[at]!]!;
    for (let input = 0; input < denseWidth; input += 1) logit += numbers[input]! * dense[row * denseWidth + input]!;
    logits[row] = logit;
  }
  return logits;
}
