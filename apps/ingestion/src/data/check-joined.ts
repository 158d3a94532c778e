import { InvalidRequest } from '@adstocrat/service-kit';
import type { Task } from '@adstocrat/tasks';

/** Rows that have columns: the examples, or a table that is joined to them. */
export interface NamedColumns {
  readonly path: string;
  readonly names: readonly string[];
}

/** A column of a table, other than its key, that rows have already which it is joined to. */
export function takenColumn(
  names: readonly string[],
  key: string,
  joined: readonly NamedColumns[],
): { readonly column: string; readonly path: string } | undefined {
  for (const column of names) {
    const other = column === key ? undefined : joined.find((one) => one.names.includes(column));
    if (other !== undefined) return { column, path: other.path };
  }
  return undefined;
}

/** Throws {@link InvalidRequest} for a column that is in two tables, or in one and the examples. */
export function checkJoined(
  { data }: Task,
  examples: readonly string[],
  tables: readonly { readonly key: string; readonly columns: readonly { readonly name: string }[] }[],
): void {
  const joined: NamedColumns[] = [{ path: 'the examples', names: examples }];
  for (const [index, { key, columns }] of tables.entries()) {
    const path = `the joined table ${data.tables[index]?.path ?? ''}`;
    const names = columns.map(({ name }) => name);
    const taken = takenColumn(names, key, joined);
    if (taken !== undefined)
      throw new InvalidRequest(
        `column "${taken.column}" is in ${taken.path} and in ${path}: rename one, or leave the table out of data.tables`,
      );
    joined.push({ path, names });
  }
}
