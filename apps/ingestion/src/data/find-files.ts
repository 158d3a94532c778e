import { type ArtifactInfo, pathBelow } from '@adstocrat/artifact-store';
import { InvalidRequest } from '@adstocrat/service-kit';
import { globPattern } from './glob.ts';

/** The objects a task's globs name, each once, by name. Throws {@link InvalidRequest} where they match nothing. */
export function exampleFiles(
  objects: readonly ArtifactInfo[],
  dataUri: string,
  globs: readonly string[],
): readonly ArtifactInfo[] {
  const patterns = globs.map(globPattern);
  const found = objects.filter(({ uri }) => {
    const path = pathBelow(dataUri, uri);
    return patterns.some((pattern) => pattern.test(path));
  });
  if (found.length === 0) {
    const near = objects.slice(0, 5).map(({ uri }) => uri);
    throw new InvalidRequest(
      `nothing under ${dataUri} matches data.examples ${globs.join(', ')}; there is, for example: ${near.join(', ')}`,
    );
  }
  return found.toSorted((a, b) => (a.uri < b.uri ? -1 : 1));
}
