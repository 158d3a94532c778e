import type { LoadedExamples } from '../data/load-examples.ts';
import { oddsShift, type RowsInOrder } from '../data/training-rows.ts';
import { minimize } from './minimize.ts';

/** A logistic regression: one weight an id, one a number, one a number of the image's vector, and a bias, in this order. */
export interface LinearWeights {
  readonly ids: Float64Array;
  readonly numbers: Float64Array;
  readonly image: Float64Array;
  readonly bias: number;
}

/** What is known of the distinct images: float [count, units]. */
export interface ImageVectors {
  readonly units: number;
  readonly vectors: Float32Array;
}

const noImages: ImageVectors = { units: 0, vectors: new Float32Array() };
const rowsPerTurn = 65_536;

/**
 * The most likely logistic regression under a normal prior of variance 1 ÷ `l2` on each weight but the bias: minimizes
 * Σ weight · log-loss + l2 / 2 · ‖weights‖²; its logits are those of all rows, where a share of the negatives is left out. Begins at `from`, where it is given. Reads all rows once an iteration or a little more, and yields to
 * the event loop meanwhile.
 */
export async function logisticRegression(
  train: RowsInOrder,
  options: {
    readonly idRows: number;
    readonly l2: number;
    readonly from?: LinearWeights;
    readonly images?: ImageVectors;
  },
): Promise<LinearWeights> {
  const { idRows, l2, from, images = noImages } = options;
  const { rows, positives, fields, denseWidth } = train;
  const { units, vectors } = images;
  const ofImage = idRows + denseWidth;
  const size = ofImage + units + 1;
  const x = new Float64Array(size);
  const shift = oddsShift(train);
  const rate = (positives + 0.5) / (rows + 1);
  x[size - 1] = Math.log(rate / (1 - rate)) - shift;
  if (from !== undefined) {
    x.set(from.ids);
    x.set(from.numbers, idRows);
    x.set(from.image, ofImage);
    x[size - 1] = from.bias;
  }
  const each = rate * (1 - rate);
  const curvature = new Float64Array(size).fill(l2);
  // An image's share of the logit is worked out once for all rows that show it, and so is what they say of it.
  const said = new Float64Array(units === 0 ? 0 : vectors.length / units);
  const off = new Float64Array(said.length);
  for await (const { ids, dense, images: shown } of train.parts()) {
    for (const id of ids) curvature[id]! += each;
    for (let at = 0; at < dense.length; at += 1) curvature[idRows + (at % denseWidth)]! += each * dense[at]! ** 2;
    if (said.length > 0) for (const image of shown ?? []) if (image >= 0) off[image]! += 1;
  }
  for (let at = 0; at < vectors.length; at += 1)
    curvature[ofImage + (at % units)]! += each * off[Math.floor(at / units)]! * vectors[at]! ** 2;
  curvature[size - 1] = Math.max(1, each * rows);

  await minimize(
    async (weights, gradient) => {
      let loss = 0;
      for (let at = 0; at < size - 1; at += 1) {
        loss += (l2 / 2) * weights[at]! ** 2;
        gradient[at] = l2 * weights[at]!;
      }
      gradient[size - 1] = 0;
      sayOfImages(images, weights.subarray(ofImage, size - 1), said);
      off.fill(0);
      for await (const { rows: partRows, ids, dense, labels, images: shown, weights: counts } of train.parts()) {
        for (let row = 0; row < partRows; row += 1) {
          let logit = weights[size - 1]! + shift;
          for (let at = row * fields; at < (row + 1) * fields; at += 1) logit += weights[ids[at]!]!;
          for (let input = 0; input < denseWidth; input += 1)
            logit += weights[idRows + input]! * dense[row * denseWidth + input]!;
          const image = said.length === 0 ? -1 : (shown?.[row] ?? -1);
          if (image >= 0) logit += said[image]!;
          const label = labels[row]!;
          const counted = counts === undefined ? 1 : counts[row]!;
          // log(1 + e^−|z|) neither overflows nor cancels.
          loss += counted * (Math.max(logit, 0) - logit * label + Math.log1p(Math.exp(-Math.abs(logit))));
          const miss = counted * (1 / (1 + Math.exp(-logit)) - label);
          for (let at = row * fields; at < (row + 1) * fields; at += 1) gradient[ids[at]!]! += miss;
          for (let input = 0; input < denseWidth; input += 1)
            gradient[idRows + input]! += miss * dense[row * denseWidth + input]!;
          if (image >= 0) off[image]! += miss;
          gradient[size - 1]! += miss;
          if (row % rowsPerTurn === rowsPerTurn - 1) await new Promise(setImmediate);
        }
      }
      for (let at = 0; at < vectors.length; at += 1)
        gradient[ofImage + (at % units)]! += off[Math.floor(at / units)]! * vectors[at]!;
      await new Promise(setImmediate);
      return loss;
    },
    x,
    { curvature, maxIterations: 60, tolerance: 1e-6 },
  );
  return {
    ids: x.slice(0, idRows),
    numbers: x.slice(idRows, ofImage),
    image: x.slice(ofImage, size - 1),
    bias: x[size - 1]!,
  };
}

/** Each image's vector · weights. */
function sayOfImages({ units, vectors }: ImageVectors, weights: Float64Array, said: Float64Array): void {
  said.fill(0);
  for (let at = 0; at < vectors.length; at += 1) said[Math.floor(at / units)]! += weights[at % units]! * vectors[at]!;
}

/** One logit a row. */
export function linearLogits(
  { rows, fields, denseWidth, ids, dense, images: shown }: LoadedExamples,
  { ids: weights, numbers, image, bias }: LinearWeights,
  images: ImageVectors = noImages,
): Float32Array {
  const logits = new Float32Array(rows);
  const said = new Float64Array(images.units === 0 ? 0 : images.vectors.length / images.units);
  sayOfImages(images, image, said);
  for (let row = 0; row < rows; row += 1) {
    let logit = bias;
    for (let at = row * fields; at < (row + 1) * fields; at += 1) logit += weights[ids[at]!]!;
    for (let input = 0; input < denseWidth; input += 1) logit += numbers[input]! * dense[row * denseWidth + input]!;
    const shows = said.length === 0 ? -1 : (shown?.[row] ?? -1);
    logits[row] = logit + (shows < 0 ? 0 : said[shows]!);
  }
  return logits;
}
