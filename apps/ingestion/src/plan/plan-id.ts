import { writtenFormats } from '@adstocrat/examples';
import type { ColumnFacts } from '@adstocrat/statistics';
import { columnsKnownLater, isGuessed, type Task } from '@adstocrat/tasks';
import { count } from './span-facts.ts';
import { shortYearCells } from './time-reading.ts';
import { mostly, unreadTime } from './unread-times.ts';

const timeKinds = [...writtenFormats, 'slashed'] as const;

type IdTask = Pick<
  Task,
  'id' | 'notGuessed' | 'label' | 'eventTime' | 'unit' | 'item' | 'features' | 'personal' | 'knownLater' | 'weight'
>;

/**
 * Whether a column may be the row's id: it has another value in each of the `different` rows (all of them, or those that repeat no
 * other), none of them a fraction, a time, or several words.
 */
export function isIdLike(
  task: IdTask,
  { name, rows, cells, examples, distinct, worded }: ColumnFacts,
  different = rows,
): boolean {
  return (
    isGuessed(task, 'id') &&
    name !== task.label &&
    name !== task.eventTime &&
    // Whose values repeat already says what it is.
    (different === rows || (name !== task.unit && name !== task.item)) &&
    task.features[name] === undefined &&
    !Object.hasOwn(task.personal, name) &&
    !columnsKnownLater(task).includes(name) &&
    distinct === different &&
    cells.empty === 0 &&
    cells.decimal + cells.pointed + cells.comma === 0 &&
    // What people write says something, also where no two write the same.
    2 * worded <= rows &&
    // Another time of the same rows is none.
    timeKinds.every((kind) => cells[kind] === 0) &&
    // A few of many numbers of parts look like a date with a year of two digits.
    shortYearCells(cells) < mostly * (rows - cells.word) &&
    unreadTime({ rows, cells, examples }) === undefined
  );
}

/**
 * The row's id: the one column that {@link isIdLike}, of rows of which so many only repeat others. Undefined where the task names it,
 * wants none, or there are several.
 */
export function inferId(
  task: IdTask,
  columns: readonly ColumnFacts[],
  copies = 0,
): { readonly column: string; readonly notes: readonly string[] } | undefined {
  const candidates = columns.filter((column) => isIdLike(task, column, column.rows - copies));
  const [only] = candidates;
  if (candidates.length !== 1 || only === undefined) return undefined;
  const but = copies === 0 ? '' : ` but for ${count(copies)} rows that repeat others`;
  return {
    column: only.name,
    notes: [`id: "${only.name}", different in every row${but}: no feature (task.yaml: id; where it is one, id: none)`],
  };
}
