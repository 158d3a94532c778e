import type { ColumnSchema, DataSchema } from '@adstocrat/data-validation';
import type { ColumnType } from '@adstocrat/examples';
import type { SpanStatistics } from '@adstocrat/statistics';
import { columnsKnownLater, readingOf, type Task } from '@adstocrat/tasks';
import type { SpanColumn } from './span-column.ts';

/** A string column with at most this many values has a closed domain. */
const domainLimit = 100;

/** The data schema that the statistics show. */
export function inferSchema(
  statistics: SpanStatistics,
  columns: readonly SpanColumn[],
  task: Task,
  labelType: ColumnType,
): DataSchema {
  const described = statistics.columns.map((one): ColumnSchema => {
    const { table, decimal } = columns.find(({ name }) => name === one.name) ?? {};
    const share = statistics.rows === 0 ? 0 : one.present / statistics.rows;
    const asked = askedOf(one.name, task);
    const closed =
      one.type === 'string' &&
      one.present > 0 &&
      one.categorical !== undefined &&
      one.categorical.distinct <= domainLimit;
    return {
      name: one.name,
      type: one.type,
      role: roleOf(one.name, task),
      ...(asked === '' ? {} : { asked }),
      // A tenth of what was there may be missing before it is an anomaly; a column that was never missing may not begin to be.
      minPresence: share === 1 ? 1 : Math.floor(share * 90) / 100,
      ...(closed ? { domain: one.categorical.top.map(({ value }) => value).sort((a, b) => (a < b ? -1 : 1)) } : {}),
      ...(one.numeric === undefined ? {} : { range: [one.numeric.min, one.numeric.max] as const }),
      ...(decimal === ',' && one.type !== 'string' ? { decimal } : {}),
      ...(table === undefined ? {} : { table }),
    };
  });
  return { version: 1, columns: [...described, { name: task.label, type: labelType, role: 'label', minPresence: 1 }] };
}

function roleOf(name: string, task: Task): ColumnSchema['role'] {
  if (name === task.id) return 'id';
  if (name === task.eventTime) return 'eventTime';
  if (name === task.image?.column) return 'image';
  if (task.features[name] === 'ignore') return 'ignored';
  if (columnsKnownLater(task).includes(name)) return 'later';
  return 'feature';
}

/** All of a task that decides what a column's cells are read as, beside the cells; '' where it says nothing. */
function askedOf(name: string, { features, personal, data, unit, item, weight }: Task): string {
  const reading = readingOf(features, name);
  const rule = Object.hasOwn(personal, name) ? personal[name] : undefined;
  return [
    reading === 'numeric' || reading === 'names' ? reading : undefined,
    rule === undefined ? undefined : JSON.stringify(rule),
    name === unit || name === item || data.tables.some(({ key }) => key === name) ? 'name' : undefined,
    name === weight ? 'weight' : undefined,
    data.decimal === undefined ? undefined : `decimal ${data.decimal}`,
    data.tolerate === undefined ? undefined : `tolerate ${data.tolerate}`,
  ]
    .filter((one) => one !== undefined)
    .join(', ');
}
