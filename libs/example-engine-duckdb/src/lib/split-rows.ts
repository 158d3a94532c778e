import { type Relation, splitPoint, type SplitRule } from '@adstocrat/example-engine';
import { canonicalText, reservedColumns, type Split } from '@adstocrat/examples';
import type { DuckDbSession } from './duckdb-session.ts';
import { rowColumn } from './row-column.ts';
import { name } from './sql-text.ts';

export type SplitRelations = Readonly<Record<Split, Relation>>;

export function splitRows(session: DuckDbSession, relation: Relation, rule: SplitRule): Promise<SplitRelations> {
  return rule.by === 'time' ? byTime(session, relation, rule) : byUnit(session, relation, rule);
}

async function byTime(
  session: DuckDbSession,
  relation: Relation,
  { testAfterMs, validationAfterMs }: SplitRule & { readonly by: 'time' },
): Promise<SplitRelations> {
  const time = name(reservedColumns.timeMs);
  const [test, later] = [`${time} > ${testAfterMs}`, `${time} > ${validationAfterMs}`];
  const part = (which: string): Promise<Relation> =>
    session.view(relation, `SELECT * FROM ${name(relation.id)} WHERE ${which}`);
  return {
    train: await part(`NOT coalesce(${later}, false) AND NOT coalesce(${test}, false)`),
    validation: await part(`${later} AND NOT (${test})`),
    test: await part(test),
  };
}

async function byUnit(
  session: DuckDbSession,
  relation: Relation,
  rule: Exclude<SplitRule, { readonly by: 'time' }>,
): Promise<SplitRelations> {
  const sideOf = (value: string): Split => {
    const point = splitPoint(canonicalText(value));
    return point < rule.test ? 'test' : point < rule.test + rule.validation ? 'validation' : 'train';
  };
  const map = await session.textPairs(distinctValues(session, relation, rule.column), sideOf);
  // Qualified: in a subquery DuckDB takes "user", quoted or not, for the name of who is asking.
  const side = `coalesce((SELECT b FROM ${name(map.id)} m WHERE m.a = e.${name(rule.column)}::VARCHAR), 'train')`;
  const sided = await session.create(`SELECT e.*, ${side} AS "adstocrat.side" FROM ${name(relation.id)} e`);
  const part = (split: Split): Promise<Relation> =>
    session.create(
      `SELECT * EXCLUDE ("adstocrat.side") FROM ${name(sided.id)} WHERE "adstocrat.side" = '${split}' ORDER BY ${name(rowColumn)}`,
    );
  const parts = { train: await part('train'), validation: await part('validation'), test: await part('test') };
  await session.drop(sided);
  await session.drop(map);
  return parts;
}

/** Different values of a column, sorted, some at a time. */
export async function* distinctValues(
  session: DuckDbSession,
  relation: Relation,
  column: string,
): AsyncGenerator<readonly string[]> {
  const query = `SELECT DISTINCT ${name(column)}::VARCHAR AS v FROM ${name(relation.id)} WHERE ${name(column)} IS NOT NULL ORDER BY v`;
  for await (const chunk of session.chunks(query)) yield chunk.getColumnValues(0).map(String);
}
