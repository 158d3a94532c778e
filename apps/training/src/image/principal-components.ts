import { splitMix32 } from '@adstocrat/models';

/** A projection: (x · kernel + bias)[k] has mean 0 and deviation 1 over the rows it was fitted on. */
export interface Projection {
  readonly units: number;
  /** [width, units]. */
  readonly kernel: Float32Array;
  /** [units]. */
  readonly bias: Float32Array;
}

const iterations = 30;
/** Share of the columns' mean variance below which a column counts less. */
const faint = 0.01;
/** Directions that hold less than this share of the first one's variance say nothing. */
const negligible = 1e-4;

/**
 * The leading principal components of standardized columns, each brought to deviation 1; fewer than `most` where rows are alike. By orthogonal iteration
 * over the rows' products, so that the cost grows with rows² and not with width². Source: G. Golub and C. Van Loan, "Matrix
 * Computations", 2013, section 8.2.4. Yields to the event loop meanwhile.
 */
export async function principalComponents(x: Float32Array, rows: number, most: number): Promise<Projection> {
  const width = x.length / rows;
  const { values, mean, scale } = standardized(x, rows);
  const products = new Float64Array(rows * rows);
  for (let row = 0; row < rows; row += 1) {
    for (let other = row; other < rows; other += 1) {
      let sum = 0;
      for (let at = 0; at < width; at += 1) sum += values[row * width + at]! * values[other * width + at]!;
      products[row * rows + other] = products[other * rows + row] = sum;
    }
    if (row % 32 === 0) await new Promise(setImmediate);
  }
  const directions = await leading(products, rows, Math.min(most, rows));
  const kept = directions.filter(({ variance }) => variance > negligible * (directions[0]?.variance ?? 0));
  const kernel = new Float32Array(width * kept.length);
  const bias = new Float32Array(kept.length);
  for (const [unit, { vector, variance }] of kept.entries()) {
    // The component of row r is √variance · vector[r]; over rows its mean square is variance ÷ rows.
    for (let at = 0; at < width; at += 1) {
      let sum = 0;
      for (let row = 0; row < rows; row += 1) sum += values[row * width + at]! * vector[row]!;
      const weight = (sum / variance) * Math.sqrt(rows) * scale[at]!;
      kernel[at * kept.length + unit] = weight;
      bias[unit]! -= weight * mean[at]!;
    }
  }
  return { units: kept.length, kernel, bias };
}

/** Columns with mean 0 and deviation 1, those that hardly change less; one that never does becomes 0. */
function standardized(
  x: Float32Array,
  rows: number,
): { readonly values: Float64Array; readonly mean: Float64Array; readonly scale: Float64Array } {
  const width = x.length / rows;
  const [mean, scale] = [new Float64Array(width), new Float64Array(width)];
  for (const [at, value] of x.entries()) mean[at % width]! += value / rows;
  for (const [at, value] of x.entries()) scale[at % width]! += (value - mean[at % width]!) ** 2 / rows;
  // What hardly changes is not blown up to what changes: it would be noise.
  const least = faint * (scale.reduce((sum, variance) => sum + variance, 0) / width);
  for (const [at, variance] of scale.entries()) scale[at] = variance > 1e-12 ? 1 / Math.sqrt(variance + least) : 0;
  return { values: Float64Array.from(x, (value, at) => (value - mean[at % width]!) * scale[at % width]!), mean, scale };
}

interface Direction {
  /** Of length 1, [rows]. */
  readonly vector: Float64Array;
  readonly variance: number;
}

/** The leading eigenvectors of a symmetric matrix [rows, rows], those of larger eigenvalues first. */
async function leading(matrix: Float64Array, rows: number, count: number): Promise<readonly Direction[]> {
  const bits = splitMix32(1);
  let vectors = Array.from({ length: count }, () => Float64Array.from({ length: rows }, () => bits() / 2 ** 31 - 1));
  let variances: readonly number[] = [];
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    vectors = vectors.map((vector) => times(matrix, vector));
    variances = orthonormalize(vectors);
    await new Promise(setImmediate);
  }
  return vectors
    .map((vector, at) => ({ vector, variance: variances[at] ?? 0 }))
    .toSorted((a, b) => b.variance - a.variance);
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array<ArrayBuffer> {
  return vector.map((_, row) => dot(matrix.subarray(row * vector.length, (row + 1) * vector.length), vector));
}

/** In place, one after the other; gives what length each had left: an eigenvalue, once they have settled. */
function orthonormalize(vectors: readonly Float64Array[]): readonly number[] {
  return vectors.map((vector, index) => {
    for (const before of vectors.slice(0, index)) {
      const share = dot(before, vector);
      for (let at = 0; at < vector.length; at += 1) vector[at]! -= share * before[at]!;
    }
    const length = Math.sqrt(dot(vector, vector));
    if (length > 0) for (let at = 0; at < vector.length; at += 1) vector[at]! /= length;
    return length;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += a[at]! * b[at]!;
  return sum;
}
