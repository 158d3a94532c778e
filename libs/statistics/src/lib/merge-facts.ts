import { digitFormats } from '@adstocrat/examples';
import { type CellKind, cellKinds, type ColumnFacts, noDigitTimes } from './column-facts.ts';
import { type DistinctSketch, MergedDistinct } from './distinct-sketch.ts';

/** Facts of one column in a part of the rows. */
export interface PartFacts extends ColumnFacts {
  readonly hashes: DistinctSketch;
}

/** Facts of one column over all parts, told of one after the other in their order: no more is held than of one. `name` is the first's. */
export class MergedFacts {
  #name: string | undefined;
  #rows = 0;
  readonly #cells = Object.fromEntries(cellKinds.map((kind) => [kind, 0])) as Record<CellKind, number>;
  readonly #examples: Partial<Record<CellKind, string>> = {};
  readonly #digitTimes = { ...noDigitTimes };
  #worded = 0;
  readonly #hashes = new MergedDistinct();

  add({ name, rows, cells, examples, digitTimes, worded, hashes }: PartFacts): void {
    this.#name ??= name;
    this.#rows += rows;
    // Facts that were written before something was counted have none of it.
    for (const kind of cellKinds) {
      this.#cells[kind] += (cells as Partial<typeof cells>)[kind] ?? 0;
      const [one, other] = [this.#examples[kind], examples[kind]];
      if (other !== undefined && (one === undefined || isLess(other, one))) this.#examples[kind] = other;
    }
    for (const format of digitFormats)
      this.#digitTimes[format] += (digitTimes as Partial<typeof digitTimes>)[format] ?? 0;
    this.#worded += (worded as number | undefined) ?? 0;
    this.#hashes.add(hashes);
  }

  /** Rows of parts that do not have the column: empty there. */
  addAbsent(rows: number): void {
    const cells = Object.fromEntries(
      cellKinds.map((kind) => [kind, kind === 'empty' ? rows : 0]),
    ) as PartFacts['cells'];
    const hashes = { distinct: 0, least: [] };
    this.add({
      name: this.#name ?? '',
      rows,
      cells,
      examples: {},
      digitTimes: noDigitTimes,
      worded: 0,
      distinct: 0,
      hashes,
    });
  }

  /** Throws `RangeError` where nothing was added. */
  get value(): PartFacts {
    if (this.#name === undefined) throw new RangeError('facts of no rows');
    const hashes = this.#hashes.value;
    return {
      name: this.#name,
      rows: this.#rows,
      cells: { ...this.#cells },
      examples: { ...this.#examples },
      digitTimes: { ...this.#digitTimes },
      worded: this.#worded,
      distinct: hashes.distinct,
      hashes,
    };
  }
}

/** By code points, which is by UTF-8 bytes. */
function isLess(a: string, b: string): boolean {
  const [one, other] = [Array.from(a), Array.from(b)];
  const at = one.findIndex((character, index) => character !== other[index]);
  if (at === -1) return one.length < other.length;
  return (one[at]?.codePointAt(0) ?? 0) < (other[at]?.codePointAt(0) ?? -1);
}
