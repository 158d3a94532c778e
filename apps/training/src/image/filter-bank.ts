/** What a filter weighs around a pixel, row by row. */
const shapes = {
  here: [0, 0, 0, 0, 1, 0, 0, 0, 0],
  across: [-1, 0, 1, -2, 0, 2, -1, 0, 1].map((weight) => weight / 4),
  down: [-1, -2, -1, 0, 0, 0, 1, 2, 1].map((weight) => weight / 4),
  spot: [-1, -1, -1, -1, 8, -1, -1, -1, -1].map((weight) => weight / 8),
} as const;
const colours = 3;

/** Filters of {@link filterBank}: each shape on each colour, rising and falling. */
export const bankFilters = Object.keys(shapes).length * colours * 2;

/**
 * Filters that need no training: a colour's value, its edges across and down, its spots, each with both signs since what is negative is cut
 * off. Kernel [3, 3, 3, filters]. Source of the edges: I. Sobel, 1968.
 */
export function filterBank(): Float32Array {
  const kernel = new Float32Array(9 * colours * bankFilters);
  let filter = 0;
  for (const weights of Object.values(shapes)) {
    for (let colour = 0; colour < colours; colour += 1) {
      for (const sign of [1, -1]) {
        for (const [at, weight] of weights.entries())
          kernel[(at * colours + colour) * bankFilters + filter] = sign * weight;
        filter += 1;
      }
    }
  }
  return kernel;
}
