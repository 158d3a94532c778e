import type { LoadedExamples } from '../data/load-examples.ts';
import type { Beliefs, PairBeliefs } from './pair-beliefs.ts';
import type { Turns } from './turns.ts';

/** What the means say of examples, beside what stays as it is: one logit a row. */
export async function pairLogits(
  { bias, wide, factors }: Pick<PairBeliefs, 'bias' | 'factors'> & { readonly wide: Pick<Beliefs, 'mean'> },
  { rows, fields, ids, images }: LoadedExamples,
  offsets: Float32Array,
  turns: Turns,
): Promise<Float32Array> {
  const logits = Float64Array.from(offsets, (offset) => bias + offset);
  for (let row = 0; row < rows; row += 1) {
    for (let at = row * fields; at < (row + 1) * fields; at += 1) logits[row]! += wide.mean[ids[at]!]!;
    if (turns.areDue(fields)) await turns.take();
  }
  for (const { ids: vectors, shown, silent } of factors) {
    if (silent) continue;
    for (let row = 0; row < rows; row += 1) {
      const image = shown.mean.length === 0 ? -1 : (images?.[row] ?? -1);
      const seen = image < 0 ? 0 : shown.mean[image]!;
      let [sum, squares] = [seen, seen * seen];
      for (let at = row * fields; at < (row + 1) * fields; at += 1) {
        const v = vectors.mean[ids[at]!]!;
        sum += v;
        squares += v * v;
      }
      logits[row]! += (sum * sum - squares) / 2;
      if (turns.areDue(fields)) await turns.take();
    }
  }
  return Float32Array.from(logits);
}
