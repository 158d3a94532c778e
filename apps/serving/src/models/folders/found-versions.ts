import { createHash } from 'node:crypto';
import { ArtifactNotFound, type ArtifactInfo, type ArtifactStore, pathBelow } from '@adstocrat/artifact-store';
import { folderVersion } from '@adstocrat/servables';

/** A file of a version: where it is, and its path in the version's folder. */
export interface FoundFile extends ArtifactInfo {
  readonly path: string;
}

/** A version's folder as it was listed. */
export interface FoundVersion {
  readonly version: number;
  readonly files: readonly FoundFile[];
  /** Why it cannot be loaded, whatever its files hold. */
  readonly problem?: string;
  /** Changes whenever what is listed does. */
  readonly digest: string;
}

/** What lies below a place, by the first name of its path. */
export interface FoundModel {
  readonly versions: ReadonlyMap<number, FoundVersion>;
  /** Triton's, where there is one. */
  readonly config?: ArtifactInfo;
}

/** The versions of the models below a root: NAME/VERSION/…. Names that begin with a dot are none. */
export async function foundModels(
  store: ArtifactStore,
  root: string,
  onLeftOut: (what: string, reason: string) => void,
): Promise<ReadonlyMap<string, FoundModel>> {
  const models = new Map<string, Listing>();
  const listingOf = (name: string): Listing => {
    let listing = models.get(name);
    if (listing === undefined) models.set(name, (listing = new Listing()));
    return listing;
  };
  const leftOut = (uri: string, reason: string): void => {
    const [name = '', ...rest] = pathBelow(root, uri).split('/');
    if (rest.length === 0) onLeftOut(name, reason);
    else if (!name.startsWith('.')) listingOf(name).leftOut(rest, reason);
  };
  for await (const info of store.list(`${root}/`, { onLeftOut: leftOut })) {
    const [name = '', ...rest] = pathBelow(root, info.uri).split('/');
    if (rest.length > 0 && name !== '' && !name.startsWith('.')) listingOf(name).add(rest, info);
  }
  return new Map(Array.from(models, ([name, listing]) => [name, listing.found()]));
}

/** The versions of the model whose versions lie right below a place. Throws {@link ArtifactNotFound} where there is no such folder. */
export async function foundVersions(store: ArtifactStore, base: string): Promise<FoundModel> {
  const listing = new Listing();
  const partsOf = (uri: string): readonly string[] => pathBelow(base, uri).split('/');
  const onLeftOut = (uri: string, reason: string): void => listing.leftOut(partsOf(uri), reason);
  for await (const info of store.list(`${base}/`, { onLeftOut })) listing.add(partsOf(info.uri), info);
  return listing.found();
}

class Listing {
  readonly #files = new Map<string, FoundFile[]>();
  readonly #problems = new Map<string, string>();
  #config: ArtifactInfo | undefined;

  /** A file by the names of its path. */
  add([folder = '', ...rest]: readonly string[], info: ArtifactInfo): void {
    if (rest.length === 0) {
      if (folder === 'config.pbtxt') this.#config = info;
      return;
    }
    if (folderVersion(folder) === undefined) return;
    const files = this.#files.get(folder) ?? [];
    this.#files.set(folder, files);
    // Hidden files are what a copy has not finished, and a bucket's folders have an object of no name.
    if (rest.some((name) => name === '..' || name === '.' || /[\\\u0000-\u001f]/.test(name)))
      this.#problems.set(folder, `${JSON.stringify(rest.join('/'))} is no path in its folder`);
    else if (rest.every((name) => name !== '' && !name.startsWith('.'))) files.push({ ...info, path: rest.join('/') });
  }

  leftOut([folder = '', ...rest]: readonly string[], reason: string): void {
    if (folderVersion(folder) === undefined || rest.some((name) => name.startsWith('.'))) return;
    this.#files.set(folder, this.#files.get(folder) ?? []);
    this.#problems.set(folder, `${rest.length === 0 ? 'its folder' : rest.join('/')}: ${reason}`);
  }

  found(): FoundModel {
    const versions = new Map<number, FoundVersion>();
    // 7 and 007 are one version: the shorter name is taken.
    for (const folder of [...this.#files.keys()].sort((a, b) => b.length - a.length)) {
      const version = folderVersion(folder);
      const files = this.#files.get(folder) ?? [];
      const problem = this.#problems.get(folder) ?? kindProblem(files);
      if (version === undefined || (files.length === 0 && !this.#problems.has(folder))) continue;
      const said = JSON.stringify([files.map(({ path, bytes, generation }) => [path, bytes, generation]), problem]);
      const digest = createHash('sha256').update(said).digest('hex');
      versions.set(version, { version, files, digest, ...(problem === undefined ? {} : { problem }) });
    }
    return { versions, ...(this.#config === undefined ? {} : { config: this.#config }) };
  }
}

function kindProblem(files: readonly FoundFile[]): string | undefined {
  const paths = files.map(({ path }) => path);
  if (paths.includes('model.onnx') || paths.includes('servable.json')) return undefined;
  return paths.includes('saved_model.pb')
    ? 'saved_model.pb is read by TensorFlow alone: convert it to model.onnx, for example with tf2onnx'
    : `it holds neither model.onnx nor servable.json, but ${paths.slice(0, 5).join(', ')}`;
}

/** Whether a failure to list says that there is nothing, rather than that it cannot be known. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ArtifactNotFound;
}
