import type { ExampleEngine, ScanResult } from '@adstocrat/example-engine';
import type { SpanTable } from '@adstocrat/examples';

/** A joined table as it travels with the span: whole, typed, by key. Rows without a key are left out. */
export async function readTable(
  engine: ExampleEngine,
  scan: ScanResult,
  path: string,
  key: string,
): Promise<SpanTable> {
  const names = scan.columns.map(({ name }) => name);
  const columns = await engine.collect(scan.table, names);
  const keys: ArrayLike<string | number | null> = columns.get(key)?.values ?? [];
  const rows = Array.from(keys, (value, row) => [value, row] as const).filter(([value]) => value !== null);
  const typed = scan.columns
    .filter(({ name }) => name !== key)
    .map(({ name, inferred }) => {
      const all: ArrayLike<string | number | null> = columns.get(name)?.values ?? [];
      const values = rows.map(([, row]) => {
        const value = all[row] ?? null;
        return value === null || inferred === 'string' ? value : Number(value);
      });
      return [name, { type: inferred, values }] as const;
    });
  return { path, key, keys: rows.map(([value]) => String(value)), columns: Object.fromEntries(typed) };
}
