import type { ColumnFacts } from '@adstocrat/statistics';
import type { Task } from '@adstocrat/tasks';
import { count } from './span-facts.ts';

/** Rows of one content, on average, from which these are no copies: few columns of few values come together again by themselves. */
const mostCopies = 20;
/** Share of the different rows that one column alone tells apart, where rows that are the same are copies. */
const toldApart = 0.5;

/**
 * Whether a look at whole rows may find copies: a column has many different values. Where one has another in every row there are none,
 * unless another part of the rows has them (`isPart`).
 */
export function mayRepeat({ label }: Pick<Task, 'label'>, columns: readonly ColumnFacts[], isPart: boolean): boolean {
  const others = columns.filter(({ name }) => name !== label);
  return (
    others.some(({ distinct, rows }) => distinct > 1 && distinct >= (toldApart * rows) / mostCopies) &&
    (isPart || others.every(({ distinct, rows }) => distinct < rows))
  );
}

/**
 * How many rows repeat another, cell for cell, as copies of one event do; 0 where rows are only alike for want of columns that tell them
 * apart. `different`: rows of different content; undefined where none was looked for.
 */
export function copiesAmong(
  { label }: Pick<Task, 'label'>,
  { rows, columns, different = rows }: RepeatedFacts,
): number {
  if (different >= rows || different * mostCopies < rows) return 0;
  const tells = columns.some(({ name, distinct }) => name !== label && distinct >= toldApart * different);
  return tells ? rows - different : 0;
}

interface RepeatedFacts {
  readonly rows: number;
  readonly columns: readonly ColumnFacts[];
  readonly different?: number | undefined;
}

/** What is odd about rows that are there several times, and ids that are. */
export function sayRepeated(
  task: Pick<Task, 'id' | 'personal'>,
  { rows, columns }: RepeatedFacts,
  copies: number,
): readonly string[] {
  const id = columns.find(({ name }) => name === task.id);
  const again = id === undefined ? 0 : id.rows - id.cells.empty - id.distinct;
  const advice = 'where they are copies of one event, write each once';
  if (copies > 0)
    return [
      `${count(copies)} of ${count(rows)} rows repeat an earlier one in every cell, and each counts as a row: ${advice}`,
    ];
  return again > 0 && id !== undefined
    ? [`id: ${count(again)} of ${count(rows)} rows have a "${id.name}" that an earlier one has: ${advice}`]
    : [];
}
