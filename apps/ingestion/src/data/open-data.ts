import {
  ArtifactForbidden,
  type ArtifactInfo,
  ArtifactNotFound,
  type ArtifactStore,
  type ListOptions,
} from '@adstocrat/artifact-store';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { IngestDependencies } from '../ingest-dependencies.ts';

/** A place of data. */
export interface OpenData {
  readonly store: ArtifactStore;
  /** The folder or prefix that a task's paths resolve against. */
  readonly uri: string;
  /** The one file of examples, where the place that was named is a file. */
  readonly onlyFile?: ArtifactInfo;
}

/**
 * Looks at a folder, a prefix of a bucket, or one file: with it, what lies beside it may be tables and images. `look` is given each object
 * that lies there, ascending by name, and none is held. Throws {@link InvalidRequest} for a scheme that no store has, no such place, no
 * permission, and nothing in it.
 */
export async function lookThrough(
  openStore: IngestDependencies['openStore'],
  dataUri: string,
  look: (object: ArtifactInfo, data: OpenData) => void,
  options: ListOptions = {},
): Promise<OpenData> {
  const store = await storeOf(openStore, dataUri);
  const uri = dataUri.replace(/\/+$/, '');
  try {
    const folder = { store, uri };
    if (await lookUnder(folder, look, options)) return folder;
    const onlyFile = dataUri.endsWith('/') ? undefined : await fileAt(store, uri);
    if (onlyFile === undefined)
      throw new InvalidRequest(`there is nothing under ${dataUri}: is it the right bucket and prefix?`);
    const data = { store, uri: uri.slice(0, uri.lastIndexOf('/')), onlyFile };
    await lookUnder(data, look, options);
    return data;
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

/** Looks at a place of data once more. Whether there is any object: none is where the place is a file. */
export async function lookUnder(
  data: OpenData,
  look: (object: ArtifactInfo, data: OpenData) => void,
  options: ListOptions = {},
): Promise<boolean> {
  const { store, uri } = data;
  let isAny = false;
  try {
    for await (const object of store.list(`${uri}/`, options)) {
      isAny = true;
      look(object, data);
    }
  } catch (error) {
    if (!(error instanceof ArtifactNotFound && (await fileAt(store, uri)) !== undefined)) throw error;
  }
  return isAny;
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
