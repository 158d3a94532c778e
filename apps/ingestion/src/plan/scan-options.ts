import type { ScanOptions } from '@adstocrat/example-engine';
import { listSeparator, readingOf, type Task } from '@adstocrat/tasks';

/** What a task says of its files: the rest is told by their beginning. */
export function scanOptions({ data, features, personal }: Pick<Task, 'data' | 'features' | 'personal'>): ScanOptions {
  const { encoding, delimiter, format, columns, comment } = data;
  const lists = new Map<string, string | null>();
  for (const column of Object.keys(features)) {
    const separator = listSeparator(features, column);
    if (separator !== undefined) lists.set(column, separator);
    else if (readingOf(features, column) === 'ignored') lists.set(column, null);
  }
  return {
    lists,
    withheld: Object.keys(personal).length > 0,
    ...(format && { kind: format }),
    ...(columns && { columns: { names: columns, key: 'data.columns' } }),
    ...(encoding && { encoding }),
    ...(delimiter && { delimiter }),
    ...(comment !== undefined && { comment }),
  };
}
