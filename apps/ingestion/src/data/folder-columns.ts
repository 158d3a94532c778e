import { readTime } from '@adstocrat/examples';
import type { PartFacts } from '@adstocrat/statistics';
import type { Task } from '@adstocrat/tasks';
import { folderCells } from './folder-cells.ts';

/** A file of rows with what its folders say. */
export interface FolderedFile {
  /** Facts of the columns that the folders name and the file has not. */
  readonly folderColumns: readonly PartFacts[];
  readonly cells: ReadonlyMap<string, string | null>;
}

/** A column that no file has, and every file's folders say. */
export interface FolderColumn {
  readonly name: string;
  /** Different ones. */
  readonly values: readonly string[];
}

/** Days that make an event time: of fewer none would be left to learn from, as the newest are held out. */
const fewestDays = 5;
const shown = 3;

/** Columns that folders of all paths say, no file has, and a task does not speak of, though rows may be told by them. */
export function unspokenFolders(
  { data }: Pick<Task, 'data'>,
  paths: readonly string[],
  columns: readonly string[],
): readonly FolderColumn[] {
  if (data.folders !== undefined) return [];
  const cells = paths.map(folderCells);
  const names = [...(cells[0]?.keys() ?? [])].filter(
    (name) => !columns.includes(name) && cells.every((one) => one.has(name)),
  );
  return valuesOf(names, cells).filter((column) => areWordsOf(column) || areDaysOf(column));
}

export function folderColumns(files: readonly FolderedFile[]): readonly FolderColumn[] {
  const [first, ...rest] = files;
  const names = (first?.folderColumns ?? [])
    .map(({ name }) => name)
    .filter((name) => rest.every((file) => file.folderColumns.some((column) => column.name === name)));
  return valuesOf(
    names,
    files.map(({ cells }) => cells),
  );
}

function valuesOf(
  names: readonly string[],
  files: readonly ReadonlyMap<string, string | null>[],
): readonly FolderColumn[] {
  return names.map((name) => ({ name, values: [...new Set(files.flatMap((cells) => cells.get(name) ?? []))].sort() }));
}

/** Whether the folders are of days enough to be an event time, where rows have no other. */
export function areDaysOf({ values }: FolderColumn): boolean {
  const isDay = (value: string): boolean =>
    !Number.isNaN(readTime(value, 'iso-8601')) || !Number.isNaN(readTime(value, 'yyyymmdd'));
  return values.length >= fewestDays && values.every(isDay);
}

/** Whether the folders are of something that rows may be told by, `country=DE`: of numbers, months and days a later one is never one of them. */
export function areWordsOf({ values }: FolderColumn): boolean {
  return values.length > 1 && values.every((value) => /^\p{L}/u.test(value));
}

/** A sentence on columns of folders that are read, and on those that are not. */
export function sayFolders(all: readonly FolderColumn[], read: readonly string[]): readonly string[] {
  const named = ({ name, values }: FolderColumn): string => {
    const some = values.slice(0, shown).join(', ');
    return `"${name}" (${some}${values.length > shown ? `, … ${values.length} in all` : ''})`;
  };
  const [taken, left] = [true, false].map((is) => all.filter(({ name }) => read.includes(name) === is));
  return [
    ...(taken?.length
      ? [`columns that the names of folders say: ${taken.map(named).join(', ')} (task.yaml: data.folders)`]
      : []),
    ...(left?.length
      ? [
          `the names of folders say ${left.map(named).join(', ')}, which no file has: not read (task.yaml: data.folders: [${left.map(({ name }) => name).join(', ')}] makes columns of them)`,
        ]
      : []),
  ];
}
