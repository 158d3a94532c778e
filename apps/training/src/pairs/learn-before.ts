import type { Beliefs, PairInputs } from './pair-beliefs.ts';
import type { PairRows } from './pair-rows.ts';

/** How many numbers a guess counts as. */
const guessWeight = 2;

/** What a table's numbers are like, from what is believed of them; few of them are drawn to a guess, or to what all tables' are like. */
export function learnBefore(
  { mean, variance }: Beliefs,
  before: Float64Array,
  { tableOf, tables }: PairInputs,
  { starts }: PairRows,
  guess?: number,
): void {
  const [sums, counts] = [new Float64Array(tables), new Float64Array(tables)];
  for (let id = 0; id < tableOf.length; id += 1) {
    const table = tableOf[id]!;
    if (table < 0 || starts[id] === starts[id + 1]) continue;
    sums[table]! += mean[id]! ** 2 + variance[id]!;
    counts[table]! += 1;
  }
  const total = (values: Float64Array): number => values.reduce((all, one) => all + one, 0);
  const usual = guess ?? total(sums) / Math.max(1, total(counts));
  for (let table = 0; table < tables; table += 1)
    before[table] = relaxed(before[table]!, (sums[table]! + guessWeight * usual) / (counts[table]! + guessWeight));
}

/** Twice as far as asked for, since each sweep asks for a part of the way; four times as much or as little at most. */
export function relaxed(before: number, asked: number): number {
  return Math.max(1e-6, Math.min(before * 4, Math.max(before / 4, asked ** 2 / before)));
}
