import { type Column, type ColumnarBatch, columnOf, type SpanTable } from '@adstocrat/examples';
import { indexTexts, type Steps, textAt } from '@adstocrat/transforms';

interface LookupTable extends Pick<SpanTable, 'key' | 'columns'> {
  readonly positions: ReadonlyMap<string, number>;
}

/** The tables joined in training, to fill what a request leaves out. Values given in the request win. */
export class LookupTables {
  readonly #tables: readonly LookupTable[];

  private constructor(tables: readonly LookupTable[]) {
    this.#tables = tables;
  }

  static *indexing(tables: readonly SpanTable[]): Steps<LookupTables> {
    const indexed: LookupTable[] = [];
    for (const { key, keys, columns } of tables)
      indexed.push({ key, columns, positions: yield* indexTexts(keys, (position) => position) });
    return new LookupTables(indexed);
  }

  /** The batch with the tables' columns filled by key; a key that no table knows fills nothing. */
  fill(batch: ColumnarBatch): ColumnarBatch {
    if (this.#tables.length === 0) return batch;
    const filled = new Map(batch.columns);
    for (const { key, positions, columns } of this.#tables) {
      const keyColumn = filled.get(key);
      if (keyColumn === undefined) continue;
      const found = Array.from({ length: batch.rows }, (_, row) => {
        const text = textAt(keyColumn, row);
        return text === null ? undefined : positions.get(text);
      });
      for (const [name, { type, values }] of Object.entries(columns))
        filled.set(name, fillColumn(filled.get(name), type, found, values));
    }
    return { rows: batch.rows, columns: filled };
  }
}

function fillColumn(
  given: Column | undefined,
  type: Column['type'],
  found: readonly (number | undefined)[],
  values: readonly (string | number | null)[],
): Column {
  const at = (row: number): string | number | null => {
    const own = given?.values[row] ?? null;
    if (own !== null && own !== '' && !Number.isNaN(own)) return own;
    const position = found[row];
    return position === undefined ? null : (values[position] ?? null);
  };
  return columnOf(
    type,
    found.map((_, row) => at(row)),
  );
}
