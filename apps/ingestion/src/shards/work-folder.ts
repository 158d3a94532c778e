import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fetchByManifest, type ManifestFiles, readRoot } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';

/** Where what a piece of work made lies: on this machine's disk, or in the artifact store for whoever goes on with it. */
export const FolderRef = z.union([z.object({ path: z.string() }), z.object({ uri: z.string(), digest: z.string() })]);
export type FolderRef = z.infer<typeof FolderRef>;

/** The root file of a folder in the store. */
export const rootName = 'work.json';

interface Root {
  readonly digest: string;
  readonly files: ManifestFiles;
}

/** Files of one piece of work, each brought to this machine when it is asked for. */
export class WorkFolder {
  readonly #store: ArtifactStore;
  readonly ref: FolderRef;
  /** Where files of the store come to. */
  readonly #local: string;
  #root: Promise<Root> | undefined;

  constructor(store: ArtifactStore, ref: FolderRef, local: string) {
    this.#store = store;
    this.ref = ref;
    this.#local = local;
  }

  /** The local path of a file, checked where it came from the store. */
  async file(name: string): Promise<string> {
    if ('path' in this.ref) return join(this.ref.path, name);
    const { uri, digest } = this.ref;
    this.#root ??= readRoot<Root>(this.#store, uri, rootName, digest);
    const { files } = await this.#root;
    const file = files[name];
    if (file === undefined) throw new Error(`${uri} has no ${name}`);
    await mkdir(this.#local, { recursive: true });
    const [path = ''] = await fetchByManifest(this.#store, uri, { [name]: file }, this.#local);
    return path;
  }

  async json<T>(name: string): Promise<T> {
    return JSON.parse(await readFile(await this.file(name), 'utf8')) as T;
  }

  /** Removes a file from this machine, where nobody needs it any more. */
  async forget(name: string): Promise<void> {
    await rm(this.#localPath(name), { force: true });
  }

  #localPath(name: string): string {
    return join('path' in this.ref ? this.ref.path : this.#local, name);
  }
}
