import type { PiecewiseCalibration } from '@adstocrat/models';

/** Groups of rows of about equal size that are pooled at first, and rows of one at least. */
const [mostGroups, fewestRows] = [40, 50] as const;
/** Rows of the base rate that each block is given besides its own: a block without positives keeps a chance. */
const smoothing = 2;

interface Block {
  readonly rows: number;
  readonly positives: number;
  readonly logits: number;
}

/**
 * Isotonic regression by pooling adjacent violators, over groups of rows by their logit; straight between the blocks' means in log-odds,
 * so that no two logits become one score. Throws `RangeError` without rows. Source: B. Zadrozny and C. Elkan, "Transforming
 * Classifier Scores into Accurate Multiclass Probability Estimates", 2002.
 */
export function isotonic(logits: ArrayLike<number>, labels: ArrayLike<number>): PiecewiseCalibration {
  if (logits.length === 0) throw new RangeError('isotonic regression needs rows');
  const positives = Array.from(labels).reduce((sum, label) => sum + label, 0);
  const base = (positives + 0.5) / (labels.length + 1);
  const oddsOf = (block: Block): number => {
    const share = (block.positives + smoothing * base) / (block.rows + smoothing);
    return Math.log(share / (1 - share));
  };
  const pooled: Block[] = [];
  for (const group of groupsOf(logits, labels)) {
    let block = group;
    let last = pooled.at(-1);
    while (last !== undefined && oddsOf(last) >= oddsOf(block)) {
      block = merged(last, block);
      pooled.pop();
      last = pooled.at(-1);
    }
    pooled.push(block);
  }
  return { method: 'isotonic', from: pooled.map(({ logits: sum, rows }) => sum / rows), to: pooled.map(oddsOf) };
}

/** Rows by ascending logit, cut where two logits differ. */
function groupsOf(logits: ArrayLike<number>, labels: ArrayLike<number>): readonly Block[] {
  const order = Uint32Array.from({ length: logits.length }, (_, row) => row).sort((a, b) => logits[a]! - logits[b]!);
  const size = Math.max(fewestRows, Math.ceil(order.length / mostGroups));
  const groups: Block[] = [];
  let open: Block = { rows: 0, positives: 0, logits: 0 };
  for (const [at, row] of order.entries()) {
    open = merged(open, { rows: 1, positives: labels[row]!, logits: logits[row]! });
    const next = order[at + 1];
    const apart = next === undefined || logits[next]! > logits[row]!;
    if (next === undefined || (open.rows >= size && apart && order.length - at - 1 >= fewestRows)) {
      groups.push(open);
      open = { rows: 0, positives: 0, logits: 0 };
    }
  }
  return groups;
}

function merged(a: Block, b: Block): Block {
  return { rows: a.rows + b.rows, positives: a.positives + b.positives, logits: a.logits + b.logits };
}
