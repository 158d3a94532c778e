import { InvalidRequest } from '@adstocrat/service-kit';
import { columnsKnownLater, readingOf, type Task } from '@adstocrat/tasks';

/** Inputs that a server of any model has beside the columns. */
const serverInputs: ReadonlySet<string> = new Set(['prediction_id', 'image_bytes']);

/** Characters of a column's name, at most. */
const longest = 256;

/** Throws {@link InvalidRequest} for the first column whose name is unfit, see {@link unfitNames}. */
export function checkNames(task: Task, columns: readonly string[]): void {
  const [unfit] = unfitNames(task, columns);
  if (unfit !== undefined) throw new InvalidRequest(unfit);
}

/**
 * A sentence for each column whose name cannot be an input of a server: a client that sends it means something else, or cannot send it; and
 * for two that differ only in case. A column that is no input (the label, one that is ignored, or known only later) may be called as it likes.
 */
export function unfitNames(task: Task, columns: readonly string[]): readonly string[] {
  const unfit: string[] = [];
  const seen = new Map<string, string>();
  for (const [index, column] of columns.entries()) {
    const other = seen.get(column.toLowerCase());
    if (other !== undefined && other !== column)
      unfit.push(
        `columns "${other}" and "${column}" differ only in upper and lower case, of the examples or of a joined table: rename one`,
      );
    seen.set(column.toLowerCase(), column);
    if (column.length > longest)
      unfit.push(
        `column ${index + 1} "${column.slice(0, 40)}…": a name must not be longer than ${longest} characters; rename it`,
      );
    const isInput =
      column !== task.label &&
      readingOf(task.features, column) !== 'ignored' &&
      !(Object.hasOwn(task.personal, column) && task.personal[column] === 'drop') &&
      !columnsKnownLater(task).includes(column);
    const leave = `leave it out by features: {${column}: ignore}`;
    if (isInput && column === '__proto__')
      unfit.push(`column "${column}": clients of a server cannot send an input of that name; rename it, or ${leave}`);
    if (isInput && serverInputs.has(column))
      unfit.push(
        `column "${column}": servers have an input of that name, which is no feature; rename the column, or ${leave}`,
      );
  }
  return unfit;
}
