import { digitFormats } from '@adstocrat/examples';
import { type CellKind, cellKinds, type ColumnFacts } from './column-facts.ts';
import { type DistinctSketch, mergeDistinct } from './distinct-sketch.ts';

/** Facts of one column in a part of the rows. */
export interface PartFacts extends ColumnFacts {
  readonly hashes: DistinctSketch;
}

/** Facts of one column over all parts, in their order. `name` is the first's. */
export function mergeFacts(parts: readonly PartFacts[]): PartFacts {
  const [first] = parts;
  if (first === undefined) throw new RangeError('facts of no rows');
  const cells = Object.fromEntries(cellKinds.map((kind) => [kind, 0])) as Record<CellKind, number>;
  const digitTimes = { ...first.digitTimes };
  const examples: Partial<Record<CellKind, string>> = {};
  for (const part of parts)
    for (const kind of cellKinds) {
      cells[kind] += part.cells[kind];
      const [one, other] = [examples[kind], part.examples[kind]];
      if (other !== undefined && (one === undefined || isLess(other, one))) examples[kind] = other;
    }
  for (const format of digitFormats) digitTimes[format] = parts.reduce((sum, part) => sum + part.digitTimes[format], 0);
  const merged = mergeDistinct(parts.map(({ hashes }) => hashes));
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  return { name: first.name, rows, cells, examples, digitTimes, distinct: merged.distinct, hashes: merged };
}

/** By code points, which is by UTF-8 bytes. */
function isLess(a: string, b: string): boolean {
  const [one, other] = [Array.from(a), Array.from(b)];
  const at = one.findIndex((character, index) => character !== other[index]);
  if (at === -1) return one.length < other.length;
  return (one[at]?.codePointAt(0) ?? 0) < (other[at]?.codePointAt(0) ?? -1);
}
