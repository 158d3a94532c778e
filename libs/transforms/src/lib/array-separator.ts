import { findOperation } from './operations/index.ts';
import type { TransformGraph } from './transform-graph.ts';

/**
 * How an array in a column becomes the cell that the transform reads: what stands between its values. Null for a column that no feature
 * reads; undefined for one that is read as anything but a list.
 */
export function arraySeparator(
  { features }: Pick<TransformGraph, 'features'>,
  column: string,
): string | null | undefined {
  const readers = features.filter(({ columns }) => columns.includes(column));
  const list = readers.find(({ op }) => findOperation(op)?.ofLists);
  if (list === undefined) return readers.length === 0 ? null : undefined;
  const { separator, parameters } = list.state as { separator?: string; parameters?: { separator?: string } };
  return separator ?? parameters?.separator;
}
