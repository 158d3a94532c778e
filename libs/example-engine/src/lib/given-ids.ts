import type { ExampleEngine, Relation } from './example-engine.ts';

/** Ids of rows: what they lack of telling each row apart. */
export interface GivenIds {
  readonly column: string;
  /** Rows without one. */
  readonly missing: number;
  /** Rows whose id another row before them has. */
  readonly repeated: number;
}

/** Counts over all rows of a relation, whose column holds ids. */
export async function givenIds(engine: ExampleEngine, relation: Relation, column: string): Promise<GivenIds> {
  let [rows, missing] = [0, 0];
  for await (const batch of engine.batches(relation, { columns: [column] })) {
    rows += batch.rows;
    for (const value of batch.columns.get(column)?.values ?? [])
      if (value === null || Number.isNaN(value)) missing += 1;
  }
  return { column, missing, repeated: rows - missing - (await engine.countDistinct(relation, column)) };
}

/** For people: `3 rows have no "id" and 2 one that a row before has`; undefined where every row has its own. */
export function idSentence({ column, missing, repeated }: GivenIds): string | undefined {
  const counted = (rows: number, one: string, several: string): string =>
    `${rows.toLocaleString('en')} ${rows === 1 ? one : several}`;
  const named = JSON.stringify(column);
  const said = [
    ...(missing > 0 ? [`${counted(missing, 'row has', 'rows have')} no ${named}: the row's number stands for it`] : []),
    ...(repeated > 0 ? [`${counted(repeated, 'row has', 'rows have')} the ${named} of a row before`] : []),
  ];
  return said.length === 0 ? undefined : said.join('; ');
}
