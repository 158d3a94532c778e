import type { ColumnFacts } from '@adstocrat/example-engine';
import type { Task } from '@adstocrat/tasks';

/** Fills in what a task leaves out and the data tells: event time, id and split. What is named is kept. */
export function resolveTask(task: Task, facts: readonly ColumnFacts[], rows: number): Task {
  const free = facts.filter(({ name }) => name !== task.label);
  const eventTime = task.eventTime ?? only(free.filter(({ timestamp, missing }) => timestamp && missing === 0));
  const id =
    task.id ??
    only(
      free.filter(
        ({ name, distinct, missing, inferred }) =>
          name !== eventTime && missing === 0 && distinct === rows && inferred !== 'float',
      ),
    );
  const split =
    task.split ?? (eventTime === undefined ? { by: 'hash' as const, test: '20%', validation: '10%' } : undefined);
  return {
    ...task,
    ...(eventTime === undefined ? {} : { eventTime }),
    ...(id === undefined ? {} : { id }),
    ...(split === undefined ? {} : { split }),
  };
}

/** A guess is taken only where there is one candidate. */
function only(candidates: readonly ColumnFacts[]): string | undefined {
  return candidates.length === 1 ? candidates[0]?.name : undefined;
}
