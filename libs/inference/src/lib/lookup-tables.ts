import { type Column, type ColumnarBatch, columnOf, type SpanTable } from '@adstocrat/examples';
import { textAt } from '@adstocrat/transforms';

/** The tables joined in training, to fill what a request leaves out. Values given in the request win. */
export class LookupTables {
  readonly #tables: readonly {
    readonly key: string;
    readonly positions: ReadonlyMap<string, number>;
    readonly columns: SpanTable['columns'];
  }[];

  constructor(tables: readonly SpanTable[]) {
    this.#tables = tables.map(({ key, keys, columns }) => ({
      key,
      positions: new Map(keys.map((value, position) => [value, position])),
      columns,
    }));
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
