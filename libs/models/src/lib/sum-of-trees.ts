/** Complete trees, one after the other; see the layer `trees`. */
export interface CompleteTrees {
  readonly numbers: Float32Array;
  readonly thresholds: Float32Array;
  readonly leaves: Float32Array;
  readonly count: number;
  readonly depth: number;
}

/** For each row of `values` [rows, width], the sum of its leaves, in float32 and in the order of the trees. */
export function sumOfTrees(
  values: ArrayLike<number>,
  width: number,
  { numbers, thresholds, leaves, count, depth }: CompleteTrees,
): Float32Array {
  const inner = 2 ** depth - 1;
  const sums = new Float32Array(width === 0 ? 0 : values.length / width);
  for (let row = 0; row < sums.length; row += 1) {
    for (let tree = 0; tree < count; tree += 1) {
      let at = 0;
      for (let level = 0; level < depth; level += 1) {
        const node = tree * inner + at;
        at = 2 * at + (values[row * width + numbers[node]!]! <= thresholds[node]! ? 1 : 2);
      }
      sums[row]! += leaves[tree * (inner + 1) + at - inner]!;
    }
  }
  return sums;
}
