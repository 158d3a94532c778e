import { splitMix32 } from '@adstocrat/models';
import { type GrownTree, growTree, type GrowOptions, leafOf } from './grow-tree.ts';
import type { BinnedRows, BinnedTraining } from './tree-rows.ts';

export interface BoostOptions extends GrowOptions {
  /** Trees at most. */
  readonly trees: number;
  /** What share of its leaves each tree says. */
  readonly learningRate: number;
  /** Rows that a tree is grown from, at most, and what share of the rows; and how many numbers it looks at, at most. */
  readonly mostRows: number;
  readonly rowShare: number;
  readonly mostNumbers: number;
  readonly seed: number;
  /** What is added to a logit to compare it with the rows' labels, see `oddsShift`. */
  readonly shift: number;
}

/**
 * Trees one after the other, each grown on what those before it and the rows' own logits miss. After each, `onTree` is told the trees so far and
 * the validation rows' logits; where it says false, it ends. Leaves are those of the sum: with the learning rate in them.
 */
export async function boost(
  train: BinnedTraining,
  validation: BinnedRows,
  options: BoostOptions,
  onTree: (trees: readonly GrownTree[], logits: Float32Array) => boolean,
): Promise<void> {
  const { learningRate, mostRows, rowShare, mostNumbers, seed, shift } = options;
  const bits = splitMix32(seed);
  const [logits, shown] = [train.logits.slice(), validation.logits.slice()];
  const [slopes, curvatures] = [new Float64Array(train.rows), new Float64Array(train.rows)];
  const share = Math.min(rowShare, mostRows / Math.max(1, train.rows));
  // A number that is always the same can't split.
  const usable = Array.from(train.edges.keys()).filter((number) => train.edges[number]!.length > 0);
  const trees: GrownTree[] = [];
  while (trees.length < options.trees) {
    const picked: number[] = [];
    for (let row = 0; row < train.rows; row += 1) {
      if (bits() >= share * 2 ** 32) continue;
      picked.push(row);
      const p = 1 / (1 + Math.exp(-logits[row]! - shift));
      slopes[row] = train.weights[row]! * (p - train.labels[row]!);
      curvatures[row] = train.weights[row]! * p * (1 - p);
    }
    const sample = { bins: train.bins, rows: Int32Array.from(picked), slopes, curvatures };
    const tree = growTree({ ...sample, numbers: someOf(usable, mostNumbers, bits) }, options);
    if (tree === undefined) break;
    for (let leaf = 0; leaf < tree.leaves.length; leaf += 1)
      tree.leaves[leaf] = Math.fround(learningRate * tree.leaves[leaf]!);
    for (let row = 0; row < train.rows; row += 1) logits[row]! += tree.leaves[leafOf(tree, train.bins, row)]!;
    for (let row = 0; row < validation.rows; row += 1) shown[row]! += tree.leaves[leafOf(tree, validation.bins, row)]!;
    trees.push(tree);
    if (!onTree(trees, shown)) break;
    await new Promise(setImmediate);
  }
}

/** At most `most` of the numbers, in their order. */
function someOf(numbers: readonly number[], most: number, bits: () => number): readonly number[] {
  if (numbers.length <= most) return numbers;
  const all = [...numbers];
  for (let at = 0; at < most; at += 1) {
    const other = at + Math.floor((bits() / 2 ** 32) * (all.length - at));
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all.slice(0, most).sort((a, b) => a - b);
}
