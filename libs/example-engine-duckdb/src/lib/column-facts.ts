import type { DuckDBConnection } from '@duckdb/node-api';
import { type CellKind, cellKinds, type ColumnFacts } from '@adstocrat/statistics';
import { cellKind } from './cell-kinds.ts';
import { trimmedCell } from './cell-sql.ts';
import { name } from './sql-text.ts';

/** Characters of a cell that are shown. */
const shownCharacters = 200;

/** Rows up to which different values are counted one by one. */
const exactRows = 1_000_000;

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
): Promise<readonly ColumnFacts[]> {
  const facts: ColumnFacts[] = [];
  for (const column of columns) facts.push(await factsOf(connection, table, column, rows));
  return facts;
}

async function factsOf(
  connection: DuckDBConnection,
  table: string,
  column: string,
  rows: number,
): Promise<ColumnFacts> {
  const numeric = [cellKinds.indexOf('integer'), cellKinds.indexOf('decimal')].join(', ');
  const asEpoch = epochs.map(
    ([, from, to]) => `count(*) FILTER (k IN (${numeric}) AND try_cast(t AS DOUBLE) BETWEEN ${from} AND ${to})`,
  );
  const found = await connection.runAndReadAll(
    `SELECT k, count(*), min(left(v, ${shownCharacters})), ${asEpoch.join(', ')} FROM (
       SELECT v, t, ${cellKind('t')} AS k FROM (SELECT ${name(column)} AS v, ${trimmedCell(column)} AS t FROM ${name(table)})
     ) GROUP BY k`,
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
  return {
    name: column,
    rows,
    cells,
    examples,
    epochs: Object.fromEntries(epochs.map(([format], at) => [format, counts[at] ?? 0])) as ColumnFacts['epochs'],
    distinct: await distinctOf(connection, table, column, rows, rows - cells.empty),
  };
}

async function distinctOf(
  connection: DuckDBConnection,
  table: string,
  column: string,
  rows: number,
  present: number,
): Promise<number> {
  const count = async (how: string): Promise<number> => {
    const found = await connection.runAndReadAll(`SELECT ${how} FROM ${name(table)}`);
    return Number(found.getRows()[0]?.[0]);
  };
  const exactly = `count(DISTINCT ${name(column)})`;
  if (rows <= exactRows) return count(exactly);
  const about = await count(`approx_count_distinct(${name(column)})`);
  // Ids and keys are told by it: where it is near the number of rows it has to be right.
  return about > 0.9 * present ? count(exactly) : about;
}
