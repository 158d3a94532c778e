import { type ArtifactInfo, pathBelow } from '@adstocrat/artifact-store';
import { isHidden } from './glob.ts';
import { isTable } from './table-file.ts';

/** Names in one sentence, at most. */
const shown = 5;

/** What is said of data files that are not read, by the reason: hidden ones, and files of rows that no glob of the task names. */
export function leftOutNotes(
  objects: readonly ArtifactInfo[],
  dataUri: string,
  taken: ReadonlySet<string>,
): readonly string[] {
  const paths = objects
    .filter(({ uri }) => !taken.has(uri))
    .map(({ uri }) => pathBelow(dataUri, uri))
    .filter(isTable);
  return [
    ...sayTableFormats(objects.map(({ uri }) => pathBelow(dataUri, uri))),
    listed('hidden and left out', paths.filter(isHidden)),
    listed(
      'not named by data.examples or data.tables and left out',
      paths.filter((path) => !isHidden(path)),
    ),
  ].flat();
}

/** Folders in which formats of tables keep which of their files are the table now. */
const tableLogs: Readonly<Record<string, string>> = { _delta_log: 'Delta', '.hoodie': 'Hudi' };

/** What is said of a table whose files may be older than it. */
export function sayTableFormats(paths: readonly string[]): readonly string[] {
  return Object.entries(tableLogs)
    .filter(([folder]) => paths.some((path) => path.split('/').slice(0, -1).includes(folder)))
    .map(
      ([folder, format]) =>
        `the data is a ${format} table (${folder}), whose log is not read: all of its files are rows, also those that were replaced or deleted; write the table as it is now into a folder of its own`,
    );
}

function listed(what: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const more = paths.length > shown ? ` and ${paths.length - shown} more` : '';
  return [`${what}: ${paths.slice(0, shown).join(', ')}${more}`];
}
