import type { DuckDBConnection } from '@duckdb/node-api';
import { type DistinctSketch, leastHashes } from '@adstocrat/statistics';

/**
 * How many values a table of different ones has in its column `v`, and the least of their hashes: of one version of DuckDB a value has
 * one. For each value of the expression `of`, a number.
 */
export async function distinctOf(
  connection: DuckDBConnection,
  values: string,
  of = '0',
): Promise<ReadonlyMap<number, DistinctSketch>> {
  const found = await connection.runAndReadAll(
    `SELECT ${of}, count(v), min(hash(v) >> 11, ${leastHashes}) FILTER (v IS NOT NULL) FROM ${values} GROUP BY 1`,
  );
  return new Map(
    found.getRows().map(([key, count, least]) => {
      const list = (least as { readonly items: readonly bigint[] } | null | undefined)?.items ?? [];
      const sorted = [...new Set(list.map(Number))].sort((a, b) => a - b);
      return [Number(key), { distinct: Number(count), least: sorted }];
    }),
  );
}
