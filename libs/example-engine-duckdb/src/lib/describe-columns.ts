import type { DuckDBConnection } from '@duckdb/node-api';
import type { NamedColumn } from '@adstocrat/example-engine';
import type { ColumnarBatch } from '@adstocrat/examples';
import { type PartColumn, type PartNumbers, partTerms, QuantileSketch } from '@adstocrat/statistics';
import { distinctOf } from './distinct-hashes.ts';
import { MomentsOf } from './moments.ts';
import { name } from './sql-text.ts';

/** Moments and quantiles of numeric columns, in one pass over the rows. */
export async function numbersOf(
  batches: AsyncIterable<ColumnarBatch>,
  columns: readonly string[],
): Promise<ReadonlyMap<string, PartNumbers>> {
  const parts = columns.map((column) => ({ column, moments: new MomentsOf(), quantiles: new QuantileSketch() }));
  for await (const batch of batches)
    for (const { column, moments, quantiles } of parts) {
      const values = batch.columns.get(column)?.values;
      if (!(values instanceof Float64Array)) throw new TypeError(`moments need a numeric column, ${column} is text`);
      moments.add(values);
      quantiles.addAll(values);
    }
  return new Map(
    parts.map(({ column, moments, quantiles }) => [column, { moments: moments.value, quantiles: quantiles.summary() }]),
  );
}

/** Values of a column that are not missing: the most frequent, how many different ones, how many in all. */
export async function termsOf(
  connection: DuckDBConnection,
  table: string,
  { name: column }: NamedColumn,
): Promise<{ readonly present: number; readonly terms: NonNullable<PartColumn['terms']> }> {
  const values = name(`${table}_terms`);
  await connection.run(
    `CREATE TEMP TABLE ${values} AS SELECT ${name(column)} AS v, count(*) AS n FROM ${name(table)} WHERE ${name(column)} IS NOT NULL GROUP BY 1`,
  );
  try {
    const top = await connection.runAndReadAll(
      `SELECT v::VARCHAR, n FROM ${values} ORDER BY n DESC, v::VARCHAR LIMIT ${partTerms}`,
    );
    const present = await connection.runAndReadAll(`SELECT coalesce(sum(n), 0) FROM ${values}`);
    return {
      present: Number(present.getRows()[0]?.[0]),
      terms: {
        top: top.getRows().map(([value, count]) => ({ value: String(value), count: Number(count) })),
        distinct: (await distinctOf(connection, values)).get(0) ?? { distinct: 0, least: [] },
      },
    };
  } finally {
    await connection.run(`DROP TABLE ${values}`);
  }
}
