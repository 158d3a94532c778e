/**
 * Elements of a shape, each dimension of 0 counted as 1: what a model makes of an empty tensor may be as large as its other dimensions, and
 * nothing of the message bounds them. At most 2^53 − 1.
 */
export function placesOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => Math.min(product * Math.max(1, size), Number.MAX_SAFE_INTEGER), 1);
}
