import {
  ArtifactForbidden,
  type ArtifactInfo,
  ArtifactNotFound,
  type ArtifactStore,
  type ListOptions,
} from '@adstocrat/artifact-store';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { IngestDependencies } from '../ingest-dependencies.ts';

/** A place of data, looked at. */
export interface OpenData {
  readonly store: ArtifactStore;
  /** The folder or prefix that a task's paths resolve against. */
  readonly uri: string;
  readonly objects: readonly ArtifactInfo[];
  /** The one file of examples, where the place that was named is a file. */
  readonly onlyFile?: ArtifactInfo;
}

/**
 * Looks at a folder, a prefix of a bucket, or one file: with it, what lies beside it may be tables and images. Throws
 * {@link InvalidRequest} for a scheme that no store has, no such place, no permission, and nothing in it.
 */
export async function openData(
  openStore: IngestDependencies['openStore'],
  dataUri: string,
  options: ListOptions = {},
): Promise<OpenData> {
  const store = await storeOf(openStore, dataUri);
  const uri = dataUri.replace(/\/+$/, '');
  try {
    const objects = await objectsUnder(store, uri, options);
    if (objects.length > 0) return { store, uri, objects };
    const file = dataUri.endsWith('/') ? undefined : await fileAt(store, uri);
    if (file === undefined)
      throw new InvalidRequest(`there is nothing under ${dataUri}: is it the right bucket and prefix?`);
    const folder = uri.slice(0, uri.lastIndexOf('/'));
    return { store, uri: folder, objects: await objectsUnder(store, folder, options), onlyFile: file };
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

async function storeOf(openStore: IngestDependencies['openStore'], dataUri: string): Promise<ArtifactStore> {
  try {
    return await openStore(dataUri);
  } catch (error) {
    if (error instanceof TypeError) throw new InvalidRequest(`data: ${error.message}`, { cause: error });
    throw error;
  }
}

/** None where the place is a file. */
async function objectsUnder(store: ArtifactStore, uri: string, options: ListOptions): Promise<readonly ArtifactInfo[]> {
  try {
    return await Array.fromAsync(store.list(`${uri}/`, options));
  } catch (error) {
    if (error instanceof ArtifactNotFound && (await fileAt(store, uri)) !== undefined) return [];
    throw error;
  }
}

async function fileAt(store: ArtifactStore, uri: string): Promise<ArtifactInfo | undefined> {
  // A bucket alone is no object.
  if (/^gs:\/\/[^/]*$/.test(uri)) return undefined;
  try {
    return await store.stat(uri);
  } catch (error) {
    if (error instanceof ArtifactNotFound) return undefined;
    throw error;
  }
}
