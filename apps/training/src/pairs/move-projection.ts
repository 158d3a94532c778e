import { cholesky, solveLower, solveSymmetric } from './cholesky.ts';
import { relaxed } from './learn-before.ts';
import type { Factor, PairInputs } from './pair-beliefs.ts';

/** What rows that show an image say of its number together: [images] each. */
export interface ImageSlopes {
  readonly slopes: Float64Array;
  readonly bounds: Float64Array;
  readonly precisions: Float64Array;
}

/** A guess of the variance of a projection's numbers. */
const guess = 0.01;

/** Moves the projection of images' vectors, a ridge regression on what their rows say, and returns by how much each image's number moves. `learns`: whether what its numbers are like is learned too. */
export function moveProjection(
  factor: Factor,
  { units, vectors }: PairInputs['images'],
  { slopes, bounds, precisions }: ImageSlopes,
  learns: boolean,
): Float64Array {
  const { shown, image: projection } = factor;
  const prior = 1 / factor.imageBefore;
  const slope = projection.map((number) => -prior * number);
  for (let at = 0; at < vectors.length; at += 1) slope[at % units]! += slopes[Math.floor(at / units)]! * vectors[at]!;
  const step = solveSymmetric(cholesky(products(vectors, units, bounds, prior)), slope);
  const believed = cholesky(products(vectors, units, precisions, prior));
  const changes = new Float64Array(shown.mean.length);
  for (let at = 0; at < vectors.length; at += 1) changes[Math.floor(at / units)]! += step[at % units]! * vectors[at]!;
  for (let unit = 0; unit < units; unit += 1) projection[unit]! += step[unit]!;
  for (let image = 0; image < changes.length; image += 1) {
    shown.mean[image]! += changes[image]!;
    shown.variance[image] = squareOf(solveLower(believed, vectors.subarray(image * units, (image + 1) * units)));
  }
  if (!learns) return changes;
  let square = squareOf(projection);
  for (let unit = 0; unit < units; unit += 1) {
    const axis = new Float64Array(units);
    axis[unit] = 1;
    square += squareOf(solveLower(believed, axis));
  }
  factor.imageBefore = relaxed(factor.imageBefore, (square + guess) / (units + 1));
  return changes;
}

function squareOf(values: Float64Array): number {
  return values.reduce((all, one) => all + one * one, 0);
}

/** The lower triangle of prior · I + Σ weight · vector · vectorᵀ. */
function products(vectors: Float32Array, units: number, weights: Float64Array, prior: number): Float64Array[] {
  const matrix = Array.from({ length: units }, (_, row) => {
    const own = new Float64Array(units);
    own[row] = prior;
    return own;
  });
  for (const [image, weight] of weights.entries()) {
    if (weight === 0) continue;
    for (let row = 0; row < units; row += 1) {
      const scaled = weight * vectors[image * units + row]!;
      for (let column = 0; column <= row; column += 1)
        matrix[row]![column]! += scaled * vectors[image * units + column]!;
    }
  }
  return matrix;
}
