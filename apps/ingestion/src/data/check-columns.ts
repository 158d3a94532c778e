import { noHeaderLine, sayUnseen, type ScannedFile } from '@adstocrat/example-engine';
import { InvalidRequest } from '@adstocrat/service-kit';
import { columnsKnownLater, type Task } from '@adstocrat/tasks';

/** Columns that a task names, with the key that names each. */
function namedColumns(task: Task): readonly (readonly [key: string, column: string])[] {
  const { label, id, eventTime, unit, item, image, weight } = task;
  const single = Object.entries({ label, id, eventTime, unit, item, 'image.column': image?.column, weight });
  return [
    ...single.flatMap(([key, column]) => (column === undefined ? [] : [[key, column] as const])),
    ...task.slices.flat().map((column) => ['slices', column] as const),
    // What is left out need not be there.
    ...Object.keys(task.features)
      .filter((column) => task.features[column] !== 'ignore')
      .map((column) => ['features', column] as const),
    ...Object.keys(task.personal).map((column) => ['personal', column] as const),
    ...Object.keys(task.knownLater ?? {}).map((column) => ['knownLater', column] as const),
    ...task.data.tables.map(({ key }) => ['data.tables', key] as const),
  ];
}

/**
 * Throws {@link InvalidRequest} naming every column of the task that the data does not have, with the nearest that it has; where one of
 * the `files` has a row for a header line, with that.
 */
export function checkColumns(task: Task, columns: readonly string[], files: readonly ScannedFile[] = []): void {
  const absent = namedColumns(task).filter(([, column]) => !columns.includes(column));
  if (absent.length === 0) return;
  const headless = files.find(({ rowAsHeader }) => rowAsHeader !== undefined);
  if (headless !== undefined) {
    const named = absent.map(([key, column]) => `${key}: the data has no column "${column}"`);
    throw new InvalidRequest(`${named.join('\n')}\n${noHeaderLine(`${headless.name}:1`, headless.rowAsHeader ?? 0)}`);
  }
  const lines = absent.map(([key, column]) => {
    const near = columns
      .map((one) => [editDistance(one.toLowerCase(), column.toLowerCase()), one] as const)
      .sort(([a], [b]) => a - b)[0];
    return `${key}: the data has no column "${column}"${near !== undefined && near[0] <= 3 ? `; did you mean "${near[1]}"?${sayUnseen(column, near[1])}` : ''}`;
  });
  const [only = ''] = columns;
  const hint =
    columns.length === 1 && /[;\t|]/.test(only) ? '\nfields must be separated by commas, these seem not to be' : '';
  // Without them this may be no header line but a row.
  if (Object.keys(task.personal).some((column) => !columns.includes(column)))
    throw new InvalidRequest(lines.join('\n'));
  throw new InvalidRequest(
    `${lines.join('\n')}${hint}\ncolumns: ${columns.slice(0, 60).join(', ')}${columns.length > 60 ? ', …' : ''}`,
  );
}

/** Throws {@link InvalidRequest} for a column that no request gives and that the loop needs of one. */
export function checkKnownLater(task: Task, tableColumns: ReadonlySet<string>): void {
  const { label, id, eventTime, unit, item, image, weight, knownLater = {} } = task;
  for (const column of columnsKnownLater(task)) {
    const key = column === weight ? 'weight' : 'knownLater';
    const refuse = (reason: string): InvalidRequest =>
      new InvalidRequest(`${key}: "${column}" cannot be known only once a row was shown: ${reason}`);
    for (const [role, own] of Object.entries({ label, id, eventTime, unit, item, image: image?.column }))
      if (own === column) throw refuse(`it is the task's ${role}`);
    if (tableColumns.has(column)) throw refuse('it belongs to a joined table, which travels with the model');
    if (Object.hasOwn(task.features, column) && task.features[column] === 'ignore')
      throw refuse('features leaves it out');
    if (Object.hasOwn(task.personal, column)) throw refuse('it is personal');
  }
  if (weight !== undefined && Object.hasOwn(knownLater, weight))
    throw new InvalidRequest(`weight: "${weight}" is named under knownLater too: it is one or the other`);
  if (weight !== undefined && Object.hasOwn(task.features, weight))
    throw new InvalidRequest(`weight: "${weight}" is named under features too: what rows count is no feature`);
}

/** Throws {@link InvalidRequest} for a column that is declared personal and that the loop needs as it is. */
export function checkPersonal(task: Task, tableColumns: ReadonlySet<string>): void {
  const keys = new Set(task.data.tables.map(({ key }) => key));
  for (const [column, how] of Object.entries(task.personal)) {
    const says = (reason: string): InvalidRequest =>
      new InvalidRequest(
        `personal: "${column}" cannot be ${how === 'hash' ? 'hashed' : how === 'drop' ? 'dropped' : 'put into buckets'}: ${reason}`,
      );
    for (const [role, own] of Object.entries({
      label: task.label,
      id: task.id,
      eventTime: task.eventTime,
      image: task.image?.column,
    }))
      if (own === column) throw says(`it is the task's ${role}`);
    if (keys.has(column) || tableColumns.has(column))
      throw says('it belongs to a joined table, which travels with the model as it is');
    if (how === 'drop' && task.slices.flat().includes(column)) throw says('slices name it');
    if (how !== 'hash' && (column === task.unit || column === task.item))
      throw says(`it is the task's ${column === task.unit ? 'unit' : 'item'}; hash it instead`);
  }
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
