import type { ColumnFacts } from '@adstocrat/statistics';
import { columnsKnownLater, type Task } from '@adstocrat/tasks';

const timeKinds = ['iso-8601', 'dd.mm.yyyy', 'rfc-2822', 'dd/mm/yyyy', 'mm/dd/yyyy', 'slashed'] as const;

/** Whether a column may be the row's id: it has another value in each row, none of them a fraction or a time. */
export function isIdLike(
  task: Pick<Task, 'id' | 'label' | 'eventTime' | 'features' | 'personal' | 'knownLater' | 'weight'>,
  { name, rows, cells, distinct }: ColumnFacts,
): boolean {
  return (
    task.id === undefined &&
    name !== task.label &&
    name !== task.eventTime &&
    task.features[name] === undefined &&
    !Object.hasOwn(task.personal, name) &&
    !columnsKnownLater(task).includes(name) &&
    distinct === rows &&
    cells.empty === 0 &&
    cells.decimal + cells.comma === 0 &&
    // Another time of the same rows is none.
    timeKinds.every((kind) => cells[kind] === 0)
  );
}

/** The row's id: the one column that {@link isIdLike}. Undefined where the task names it, or there are several. */
export function inferId(
  task: Pick<Task, 'id' | 'label' | 'eventTime' | 'features' | 'personal' | 'knownLater' | 'weight'>,
  columns: readonly ColumnFacts[],
): { readonly column: string; readonly notes: readonly string[] } | undefined {
  const candidates = columns.filter((column) => isIdLike(task, column));
  const [only] = candidates;
  if (candidates.length !== 1 || only === undefined) return undefined;
  return { column: only.name, notes: [`id: "${only.name}", different in every row (task.yaml: id)`] };
}
