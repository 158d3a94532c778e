/** A complete tree in bins; see the layer `trees`. A node that does not split has the number −1. */
export interface GrownTree {
  readonly numbers: Int32Array;
  /** A row goes on to 2n + 1 where its bin is at most this. */
  readonly bins: Uint8Array;
  readonly leaves: Float64Array;
}

export interface GrowOptions {
  readonly depth: number;
  /** Strength of the prior that draws leaves to 0, and the least that a leaf holds: both in curvature, p (1 − p) summed over rows. */
  readonly l2: number;
  readonly leastCurvature: number;
}

/** What a tree is grown from: rows by position, the slope and curvature of each one's loss. */
export interface TreeSample {
  readonly bins: readonly Uint8Array[];
  readonly rows: Int32Array;
  readonly slopes: Float64Array;
  readonly curvatures: Float64Array;
  /** Which numbers are looked at. */
  readonly numbers: readonly number[];
}

/**
 * Level by level, the split of each node that lets the loss fall the most, to second order. Undefined where nothing splits. Of equal splits the first
 * counts. Source: T. Chen and C. Guestrin, "XGBoost", 2016, algorithm 1, in histograms.
 */
export function growTree(sample: TreeSample, { depth, l2, leastCurvature }: GrowOptions): GrownTree | undefined {
  const { bins, rows, slopes, curvatures } = sample;
  const inner = 2 ** depth - 1;
  const tree: GrownTree = {
    numbers: new Int32Array(inner).fill(-1),
    bins: new Uint8Array(inner).fill(255),
    leaves: new Float64Array(inner + 1),
  };
  // Of each row, which node of the level it is at.
  const places = new Uint8Array(rows.length);
  const sums = new Float64Array(512);
  for (let level = 0; level < depth; level += 1) {
    const nodes = 2 ** level;
    const [first, bestGain] = [nodes - 1, new Float64Array(nodes)];
    const histogram = new Float64Array(nodes * 512);
    for (const number of sample.numbers) {
      const column = bins[number]!;
      histogram.fill(0);
      for (let at = 0; at < rows.length; at += 1) {
        const row = rows[at]!;
        const cell = places[at]! * 512 + column[row]! * 2;
        histogram[cell]! += slopes[row]!;
        histogram[cell + 1]! += curvatures[row]!;
      }
      for (let node = 0; node < nodes; node += 1) {
        sums.set(histogram.subarray(node * 512, (node + 1) * 512));
        const split = bestSplit(sums, l2, leastCurvature);
        if (split.gain <= bestGain[node]!) continue;
        bestGain[node] = split.gain;
        tree.numbers[first + node] = number;
        tree.bins[first + node] = split.bin;
      }
    }
    for (let at = 0; at < rows.length; at += 1) {
      const node = first + places[at]!;
      const number = tree.numbers[node]!;
      const above = number >= 0 && bins[number]![rows[at]!]! > tree.bins[node]!;
      places[at] = 2 * places[at]! + (above ? 1 : 0);
    }
    if (level === 0 && tree.numbers[0] === -1) return undefined;
  }
  const leaves = new Float64Array(2 * (inner + 1));
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at]!;
    leaves[2 * places[at]!]! += slopes[row]!;
    leaves[2 * places[at]! + 1]! += curvatures[row]!;
  }
  for (let leaf = 0; leaf <= inner; leaf += 1) tree.leaves[leaf] = -leaves[2 * leaf]! / (leaves[2 * leaf + 1]! + l2);
  return tree;
}

/** By pairs of slope and curvature a bin; gain 0 where no split is allowed. */
function bestSplit(
  sums: Float64Array,
  l2: number,
  leastCurvature: number,
): { readonly bin: number; readonly gain: number } {
  let [slope, curvature] = [0, 0];
  for (let at = 0; at < sums.length; at += 2) {
    slope += sums[at]!;
    curvature += sums[at + 1]!;
  }
  const whole = slope ** 2 / (curvature + l2);
  let [below, belowCurvature, bin, gain] = [0, 0, 0, 0];
  for (let at = 0; at < sums.length - 2; at += 2) {
    if (sums[at + 1] === 0) continue;
    below += sums[at]!;
    belowCurvature += sums[at + 1]!;
    const aboveCurvature = curvature - belowCurvature;
    if (belowCurvature < leastCurvature) continue;
    if (aboveCurvature < leastCurvature) break;
    const gained = below ** 2 / (belowCurvature + l2) + (slope - below) ** 2 / (aboveCurvature + l2) - whole;
    if (gained > gain) [bin, gain] = [at / 2, gained];
  }
  return { bin, gain };
}

/** Which leaf a row comes to. */
export function leafOf({ numbers, bins }: GrownTree, of: readonly Uint8Array[], row: number): number {
  let node = 0;
  while (node < numbers.length) {
    const number = numbers[node]!;
    node = 2 * node + (number < 0 || of[number]![row]! <= bins[node]! ? 1 : 2);
  }
  return node - numbers.length;
}
