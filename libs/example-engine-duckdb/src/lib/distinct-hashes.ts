import type { DuckDBConnection } from '@duckdb/node-api';
import { type DistinctSketch, leastHashes } from '@adstocrat/statistics';

/** How many values a table of different ones has in its column `v`, and the least of their hashes: of one version of DuckDB a value has one. */
export async function distinctOf(connection: DuckDBConnection, values: string): Promise<DistinctSketch> {
  const found = await connection.runAndReadAll(
    `SELECT count(v), min(hash(v) >> 11, ${leastHashes}) FILTER (v IS NOT NULL) FROM ${values}`,
  );
  const [count, least] = found.getRows()[0] ?? [];
  const list = (least as { readonly items: readonly bigint[] } | null | undefined)?.items ?? [];
  return { distinct: Number(count), least: [...new Set(list.map(Number))].sort((a, b) => a - b) };
}
