import type { ExampleEngine, Relation } from '@adstocrat/example-engine';
import { canonicalText, type SpanTable } from '@adstocrat/examples';
import type { SpanColumn } from './span-column.ts';

/** A joined table as it travels with the span: whole, its columns typed as the span's, by key. Rows without a key are left out. */
export async function readTable(
  engine: ExampleEngine,
  table: Relation,
  columns: readonly SpanColumn[],
  path: string,
  key: string,
): Promise<SpanTable> {
  const typed = await engine.typed(table, [{ name: key, type: 'string' }, ...columns]);
  const read = await engine.collect(typed, [key, ...columns.map(({ name }) => name)]);
  const all: ArrayLike<string | number | null> = read.get(key)?.values ?? [];
  const keys = Array.from(all, (value, row) => [value, row] as const).filter(([value]) => value !== null);
  const held = columns.map(({ name, type }) => {
    const cells: ArrayLike<string | number | null> = read.get(name)?.values ?? [];
    const values = keys.map(([, row]) => {
      const value = cells[row] ?? null;
      return Number.isNaN(value) ? null : value;
    });
    return [name, { type, values }] as const;
  });
  return { path, key, keys: keys.map(([value]) => canonicalText(String(value))), columns: Object.fromEntries(held) };
}
