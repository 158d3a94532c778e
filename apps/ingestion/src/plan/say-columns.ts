import type { Task } from '@adstocrat/tasks';
import type { SpanColumn } from '../span/span-column.ts';

/** Columns of one type that are named. */
const shown = 20;
const typeNames: Readonly<Record<SpanColumn['type'], string>> = {
  integer: 'whole numbers',
  float: 'numbers',
  string: 'texts',
};

/** What the columns that a model may learn from are read as, a line a type. */
export function sayColumns(
  columns: readonly SpanColumn[],
  task: Pick<Task, 'id' | 'eventTime' | 'image' | 'features'>,
): readonly string[] {
  const roles = new Set([task.id, task.eventTime, task.image?.column]);
  const read = columns.filter(({ name }) => !roles.has(name) && !Object.hasOwn(task.features, name));
  return (['integer', 'float', 'string'] as const).flatMap((type) => {
    const names = read.filter((one) => one.type === type).map(({ name }) => name);
    if (names.length === 0) return [];
    const more = names.length > shown ? ` and ${names.length - shown} more` : '';
    return [`read as ${typeNames[type]}: ${names.slice(0, shown).join(', ')}${more}`];
  });
}
