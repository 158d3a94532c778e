import { addedColumns, keyTwice, type Relation } from '@adstocrat/example-engine';
import type { DuckDbSession } from './duckdb-session.ts';
import { canonicalSql, name } from './sql-text.ts';

/** A relation with the columns of a table of one row for each key, of which each value has one text; `NULL` where it has none. */
export async function joinTable(
  session: DuckDbSession,
  relation: Relation,
  table: Relation,
  key: string,
): Promise<Relation> {
  const [left, right] = [await session.columns(relation), await session.columns(table)];
  const added = addedColumns([...left.keys()], [...right.keys()], key).map((column) => `, t.${name(column)}`);
  const twice = await session.rows(
    `SELECT ${canonicalSql(name(key))} AS k FROM ${name(table.id)} GROUP BY 1 HAVING count(*) > 1 AND k IS NOT NULL ORDER BY 1 LIMIT 1`,
  );
  if (twice[0] !== undefined) throw keyTwice(key, twice[0][0]);
  const own = canonicalSql(`e.${name(key)}`);
  const isInOrder = await joinsInOrder(session, relation, table);
  const joined = await session.view(
    relation,
    isInOrder
      ? `SELECT e.*${added.join('')} FROM ${name(relation.id)} e
         JOIN ${name((await completed(session, table, relation, key)).id)} t ON ${own} IS NOT DISTINCT FROM t.${name(key)}`
      : `SELECT e.*${added.join('')} FROM ${name(relation.id)} e LEFT JOIN (${keyed(table, key)}) t ON ${own} = t.${name(key)}`,
  );
  const { files } = session.traits(relation);
  session.note(joined, {
    isUnordered: true,
    ...(isInOrder ? { isLikelyInOrder: true } : {}),
    ...(files === undefined ? {} : { files }),
  });
  return joined;
}

/** Whether one thread takes the rows one after the other and looks each up: it does where the table is by far the smaller of the two. */
async function joinsInOrder(session: DuckDbSession, relation: Relation, table: Relation): Promise<boolean> {
  const { isUnordered = false, isLikelyInOrder = false } = session.traits(relation);
  if (session.threads > 1 || (isUnordered && !isLikelyInOrder)) return false;
  return 2 * (await session.count(table)) < (await session.count(relation));
}

/** A table to join with a row for each key of a relation, also for those that it lacks and for none: each row has one match then. */
function completed(session: DuckDbSession, table: Relation, relation: Relation, key: string): Promise<Relation> {
  const own = canonicalSql(`e.${name(key)}`);
  const there = keyed(table, key);
  return session.create(
    `${there} UNION ALL BY NAME SELECT DISTINCT ${own} AS ${name(key)} FROM ${name(relation.id)} e ANTI JOIN (${there}) t ON ${own} = t.${name(key)}`,
  );
}

/** SQL of a table's rows that have a key, each as its one text. */
function keyed(table: Relation, key: string): string {
  return `SELECT * REPLACE (${canonicalSql(name(key))} AS ${name(key)}) FROM ${name(table.id)} WHERE ${name(key)} IS NOT NULL`;
}
