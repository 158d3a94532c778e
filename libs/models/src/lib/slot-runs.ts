/** Slots side by side: those of one feature that are summed, or those of features with one each. */
export interface SlotRun {
  readonly from: number;
  readonly count: number;
  readonly isSummed: boolean;
}

/** The slots of features in turn, features of one slot that lie side by side together. */
export function slotRuns(slots: readonly number[]): readonly SlotRun[] {
  const runs: SlotRun[] = [];
  let from = 0;
  for (const count of slots) {
    const before = runs.at(-1);
    if (count === 1 && before?.isSummed === false) runs[runs.length - 1] = { ...before, count: before.count + 1 };
    else runs.push({ from, count, isSummed: count > 1 });
    from += count;
  }
  return runs;
}
