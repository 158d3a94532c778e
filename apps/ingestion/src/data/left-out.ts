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
    listed('hidden and left out', paths.filter(isHidden)),
    listed(
      'not named by data.examples or data.tables and left out',
      paths.filter((path) => !isHidden(path)),
    ),
  ].flat();
}

function listed(what: string, paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  const more = paths.length > shown ? ` and ${paths.length - shown} more` : '';
  return [`${what}: ${paths.slice(0, shown).join(', ')}${more}`];
}
