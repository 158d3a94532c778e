import {
  ArtifactForbidden,
  type ArtifactInfo,
  ArtifactNotFound,
  type ArtifactStore,
  type ListOptions,
  pathBelow,
} from '@adstocrat/artifact-store';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { globPattern } from './glob.ts';

/** The store of a data URI. Throws {@link InvalidRequest} for a scheme that none has. */
export async function openSource(openStore: IngestDependencies['openStore'], dataUri: string): Promise<ArtifactStore> {
  try {
    return await openStore(dataUri);
  } catch (error) {
    if (error instanceof TypeError) throw new InvalidRequest(`data: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Every object under a data URI. Throws {@link InvalidRequest} for no such bucket or folder, no permission, and nothing in it. */
export async function listData(
  store: ArtifactStore,
  dataUri: string,
  options: ListOptions = {},
): Promise<readonly ArtifactInfo[]> {
  try {
    const found = await Array.fromAsync(store.list(`${dataUri.replace(/\/+$/, '')}/`, options));
    if (found.length === 0)
      throw new InvalidRequest(`there is nothing under ${dataUri}: is it the right bucket and prefix?`);
    return found;
  } catch (error) {
    if (error instanceof ArtifactNotFound)
      throw new InvalidRequest(`no such bucket or folder: ${dataUri}`, { cause: error });
    if (error instanceof ArtifactForbidden) {
      throw new InvalidRequest(
        `no permission to read ${dataUri}: give this service's account the right to list and read it`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** Objects whose path under the data URI matches a glob, by name. Throws {@link InvalidRequest} where none does. */
export function matching(objects: readonly ArtifactInfo[], dataUri: string, glob: string): readonly ArtifactInfo[] {
  const pattern = globPattern(glob);
  return objects.filter(({ uri }) => pattern.test(pathBelow(dataUri, uri)));
}

/** The objects a task's globs name, each once, by name. Throws {@link InvalidRequest} naming a glob that matches nothing. */
export function exampleFiles(
  objects: readonly ArtifactInfo[],
  dataUri: string,
  globs: readonly string[],
): readonly ArtifactInfo[] {
  const found = new Map<string, ArtifactInfo>();
  for (const glob of globs) for (const object of matching(objects, dataUri, glob)) found.set(object.uri, object);
  if (found.size === 0) {
    const near = objects.slice(0, 5).map(({ uri }) => uri);
    throw new InvalidRequest(
      `nothing under ${dataUri} matches data.examples ${globs.join(', ')}; there is, for example: ${near.join(', ')}`,
    );
  }
  return [...found.values()].sort((a, b) => (a.uri < b.uri ? -1 : 1));
}
