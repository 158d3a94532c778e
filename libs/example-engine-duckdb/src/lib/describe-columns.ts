import type { NamedColumn, Relation } from '@adstocrat/example-engine';
import { type PartColumn, type PartNumbers, partTerms, QuantileSketch } from '@adstocrat/statistics';
import { distinctOf } from './distinct-hashes.ts';
import type { DuckDbSession } from './duckdb-session.ts';
import { MomentsOf } from './moments.ts';
import { rowBatches } from './row-batches.ts';
import { name } from './sql-text.ts';

/** Statistics of columns; `onColumn` is told of each that is done. */
export async function describeColumns(
  session: DuckDbSession,
  relation: Relation,
  columns: readonly NamedColumn[],
  onColumn: (done: number) => void = () => undefined,
): Promise<readonly PartColumn[]> {
  const numbers = await numbersOf(
    session,
    relation,
    columns.filter(({ type }) => type !== 'string').map((column) => column.name),
  );
  const described: PartColumn[] = [];
  for (const { name: own, type } of columns) {
    const found = type === 'float' ? undefined : await termsOf(session, relation, own);
    const numeric = numbers.get(own);
    described.push({
      name: own,
      type,
      present: found?.present ?? numeric?.moments.count ?? 0,
      ...(numeric === undefined ? {} : { numbers: numeric }),
      ...(found === undefined ? {} : { terms: found.terms }),
    });
    onColumn(described.length);
  }
  return described;
}

/** Moments and quantiles of numeric columns, in one pass over the rows. */
export async function numbersOf(
  session: DuckDbSession,
  relation: Relation,
  columns: readonly string[],
): Promise<ReadonlyMap<string, PartNumbers>> {
  if (columns.length === 0) return new Map();
  const parts = columns.map((column) => ({ column, moments: new MomentsOf(), quantiles: new QuantileSketch() }));
  for await (const batch of rowBatches(session, relation, { columns }))
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
async function termsOf(
  session: DuckDbSession,
  { id }: Relation,
  column: string,
): Promise<{ readonly present: number; readonly terms: NonNullable<PartColumn['terms']> }> {
  const { connection } = session;
  const values = name(`${id}_terms`);
  await connection.run(
    `CREATE TEMP TABLE ${values} AS SELECT ${name(column)} AS v, count(*) AS n FROM ${name(id)} WHERE ${name(column)} IS NOT NULL GROUP BY 1`,
  );
  try {
    const top = await session.rows(
      `SELECT v::VARCHAR, n FROM ${values} ORDER BY n DESC, v::VARCHAR LIMIT ${partTerms}`,
    );
    return {
      present: await session.number(`SELECT coalesce(sum(n), 0) FROM ${values}`),
      terms: {
        top: top.map(([value, count]) => ({ value: String(value), count: Number(count) })),
        distinct: (await distinctOf(connection, values)).get(0) ?? { distinct: 0, least: [] },
      },
    };
  } finally {
    await connection.run(`DROP TABLE ${values}`);
  }
}
