import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type ArtifactStore, createText, joinUri } from '@adstocrat/artifact-store';
import { canonicalJson } from '@adstocrat/examples';
import { type FileDigest, uploadArtifact, uploadDigested } from './transfer.ts';

/** sha256 hex of a value's canonical JSON. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/**
 * Copies a folder that is whole on local disk to its URI, the root file last: until then it does not exist for a reader. What an
 * interrupted attempt left is removed first.
 */
export async function publishFolder(
  store: ArtifactStore,
  local: string,
  uri: string,
  names: readonly string[],
  root: string,
): Promise<void> {
  await store.clear(uri);
  for (const name of [...names, root]) await uploadArtifact(store, join(local, name), joinUri(uri, name));
}

/**
 * Writes an artifact's folder: files in any order, then the root file that names them all. Until the root is there the folder does
 * not exist for a reader.
 */
export class ArtifactFolder {
  readonly #store: ArtifactStore;
  readonly #uri: string;
  readonly #files: Record<string, FileDigest> = {};

  private constructor(store: ArtifactStore, uri: string) {
    this.#store = store;
    this.#uri = uri;
  }

  /** Begins with an empty folder: what an interrupted attempt left is removed. One writer at a time. */
  static async begin(store: ArtifactStore, uri: string): Promise<ArtifactFolder> {
    await store.clear(uri);
    return new ArtifactFolder(store, uri);
  }

  /** Copies a local file in. */
  async put(path: string, local: string): Promise<void> {
    this.#files[path] = await uploadDigested(this.#store, local, joinUri(this.#uri, path));
  }

  async putText(path: string, text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    this.#files[path] = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
    await this.#store.create(joinUri(this.#uri, path), [bytes]);
  }

  /** Writes the root file: the head, the files, and the digest over both. Nothing is put in after it. */
  async finish<T extends object>(
    name: string,
    head: T,
  ): Promise<T & { readonly files: Readonly<Record<string, FileDigest>>; readonly digest: string }> {
    const undigested = { ...head, files: this.#files };
    const root = { ...undigested, digest: digestOf(undigested) };
    await createText(this.#store, joinUri(this.#uri, name), JSON.stringify(root, null, 2));
    return root;
  }
}
