import { type CellKind, cellKinds, type ColumnFacts, noDigitTimes } from '@adstocrat/statistics';

/** Facts of a column with so many cells of each kind. */
export function columnFacts(
  name: string,
  counts: Partial<Record<CellKind, number>>,
  more: Partial<ColumnFacts> = {},
): ColumnFacts {
  const cells = Object.fromEntries(cellKinds.map((kind) => [kind, counts[kind] ?? 0])) as Record<CellKind, number>;
  const rows = Object.values(cells).reduce((sum, count) => sum + count, 0);
  const examples = Object.fromEntries(Object.keys(counts).map((kind) => [kind, `a ${kind}`]));
  return { name, rows, cells, examples, digitTimes: noDigitTimes, worded: 0, distinct: 7, ...more };
}
