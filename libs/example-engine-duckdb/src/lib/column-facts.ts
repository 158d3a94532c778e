import type { DuckDBConnection } from '@duckdb/node-api';
import { type CellKind, cellKinds, type PartFacts } from '@adstocrat/statistics';
import { cellKind } from './cell-kinds.ts';
import { trimmedCell } from './cell-sql.ts';
import { distinctOf } from './distinct-hashes.ts';
import { name } from './sql-text.ts';

/** Characters of a cell that are shown. */
const shownCharacters = 200;

/** The years 2000 to 2099 in seconds since 1970. */
const [first, last] = [946_684_800, 4_102_444_799];
const epochs = [
  ['epoch-seconds', first, last],
  ['epoch-milliseconds', first * 1e3, last * 1e3 + 999],
  ['epoch-microseconds', first * 1e6, last * 1e6 + 999_999],
] as const;

/** What is in each text column of a table, over all its rows. */
export async function columnFacts(
  connection: DuckDBConnection,
  table: string,
  columns: readonly string[],
  rows: number,
): Promise<readonly PartFacts[]> {
  const facts: PartFacts[] = [];
  const values = `${table}_values`;
  for (const column of columns) {
    // Each different value is looked at once.
    await connection.run(
      `CREATE TEMP TABLE ${name(values)} AS SELECT ${name(column)} AS v, count(*) AS n FROM ${name(table)} GROUP BY 1`,
    );
    facts.push(await factsOf(connection, values, column, rows));
    await connection.run(`DROP TABLE ${name(values)}`);
  }
  return facts;
}

async function factsOf(connection: DuckDBConnection, values: string, column: string, rows: number): Promise<PartFacts> {
  const numeric = [cellKinds.indexOf('integer'), cellKinds.indexOf('decimal')].join(', ');
  const asEpoch = epochs.map(([, from, to]) => `coalesce(sum(n) FILTER (d BETWEEN ${from} AND ${to}), 0)`);
  const found = await connection.runAndReadAll(
    `SELECT k, sum(n), min(left(v, ${shownCharacters})), ${asEpoch.join(', ')} FROM (
       SELECT v, n, k, CASE WHEN k IN (${numeric}) THEN try_cast(t AS DOUBLE) END AS d FROM (
         SELECT v, t, n, ${cellKind('t')} AS k FROM (SELECT v, n, ${trimmedCell('v')} AS t FROM ${name(values)})
       )) GROUP BY k`,
  );
  const cells = Object.fromEntries(cellKinds.map((kind) => [kind, 0])) as Record<CellKind, number>;
  const examples: Partial<Record<CellKind, string>> = {};
  const counts = epochs.map(() => 0);
  for (const [index, count, example, ...some] of found.getRows()) {
    const kind = cellKinds[Number(index)] ?? 'text';
    cells[kind] = Number(count);
    if (example !== null) examples[kind] = String(example);
    for (const [at, one] of some.entries()) counts[at] = (counts[at] ?? 0) + Number(one);
  }
  const hashes = await distinctOf(connection, name(values));
  return {
    name: column,
    rows,
    cells,
    examples,
    epochs: Object.fromEntries(epochs.map(([format], at) => [format, counts[at] ?? 0])) as PartFacts['epochs'],
    distinct: hashes.distinct,
    hashes,
  };
}
