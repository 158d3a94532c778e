import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type File, Storage } from '@google-cloud/storage';
import {
  ArtifactExists,
  ArtifactForbidden,
  type ArtifactInfo,
  ArtifactNotFound,
  ArtifactOutside,
  type ArtifactStore,
  ArtifactTooShort,
  type ListedArtifact,
  type ReadOptions,
  type RemoveOptions,
} from '@adstocrat/artifact-store';
import { patience, type ReadPatience, resumedRead } from './resumed-read.ts';

/** {@link ArtifactStore} on Google Cloud Storage. */
export class GcsArtifactStore implements ArtifactStore {
  readonly #storage: Storage;
  readonly #patience: ReadPatience;

  constructor(storage: Storage, options: { readonly patience?: ReadPatience } = {}) {
    this.#storage = storage;
    this.#patience = options.patience ?? patience;
  }

  /**
   * With the machine's credentials; `STORAGE_EMULATOR_HOST` (http://host:port), as in every client library, names an
   * emulator, which is asked without credentials.
   */
  static open(): GcsArtifactStore {
    const emulator = process.env['STORAGE_EMULATOR_HOST'];
    const retryOptions = { autoRetry: true, maxRetries: 4, totalTimeout: 60 };
    if (emulator === undefined) return new GcsArtifactStore(new Storage({ retryOptions }));
    // With the variable set, the client asks http://host:port without /storage/v1 for all but uploads. As its endpoint it is right.
    delete process.env['STORAGE_EMULATOR_HOST'];
    try {
      const apiEndpoint = emulator.replace(/\/+$/, '').replace(/\/storage\/v1$/, '');
      const options = { apiEndpoint, projectId: 'emulator', useAuthWithCustomEndpoint: false, retryOptions };
      return new GcsArtifactStore(new Storage(options));
    } finally {
      process.env['STORAGE_EMULATOR_HOST'] = emulator;
    }
  }

  async *read(uri: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    // Names are flat: what lies under a prefix begins with it.
    if (options.within !== undefined && !uri.startsWith(`${options.within.replace(/\/+$/, '')}/`))
      throw new ArtifactOutside(uri);
    const { range } = options;
    let bytes = 0;
    try {
      const open = (generation: string | undefined): File => this.#file(uri, options.generation ?? generation);
      for await (const chunk of resumedRead(open, this.#patience, range)) {
        bytes += chunk.length;
        yield chunk;
      }
      if (range !== undefined && bytes !== range.bytes) throw new ArtifactTooShort(uri, range);
    } catch (error) {
      if (error instanceof ArtifactTooShort) throw error;
      // Range not satisfiable: the object ends before its first byte.
      if (range !== undefined && Number((error as { code?: unknown }).code) === 416)
        throw new ArtifactTooShort(uri, range, { cause: error });
      throw translated('reading', uri, error);
    }
  }

  async create(uri: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ArtifactInfo> {
    const file = this.#file(uri);
    // Generation 0 means "only if absent": the server decides, so two writers cannot both win.
    const sink = file.createWriteStream({ resumable: true, preconditionOpts: { ifGenerationMatch: 0 } });
    try {
      await pipeline(Readable.from(bytes, { objectMode: false }), sink);
    } catch (error) {
      throw translated('creating', uri, error);
    }
    return infoOf(uri, file.metadata);
  }

  async stat(uri: string): Promise<ArtifactInfo> {
    try {
      const [metadata] = await this.#file(uri).getMetadata();
      return infoOf(uri, metadata);
    } catch (error) {
      throw translated('looking up', uri, error);
    }
  }

  async *list(prefix: string): AsyncGenerator<ListedArtifact> {
    const { bucket, name } = partsOf(prefix);
    let pageToken: string | undefined;
    do {
      let page: readonly File[];
      try {
        const query = {
          prefix: name,
          maxResults: 1000,
          autoPaginate: false,
          ...(pageToken === undefined ? {} : { pageToken }),
        };
        const [files, next] = await this.#storage.bucket(bucket).getFiles(query);
        page = files;
        pageToken = (next as { pageToken?: string } | null)?.pageToken;
      } catch (error) {
        throw translated('listing', prefix, error);
      }
      for (const { name: object, metadata } of page) {
        const writtenAtMs = Date.parse(String(metadata.timeCreated));
        yield Object.assign(infoOf(`gs://${bucket}/${object}`, metadata), { writtenAtMs });
      }
    } while (pageToken !== undefined);
  }

  async remove(uri: string, { generation }: RemoveOptions = {}): Promise<void> {
    try {
      // Of a generation that is no longer there the server says that it is not found.
      await this.#file(uri, generation).delete({ ignoreNotFound: true });
    } catch (error) {
      throw translated('removing', uri, error);
    }
  }

  async clear(folder: string): Promise<void> {
    try {
      for await (const { uri } of this.list(`${folder}/`)) await this.remove(uri);
    } catch (error) {
      if (!(error instanceof ArtifactNotFound)) throw error;
    }
  }

  #file(uri: string, generation?: string): File {
    const { bucket, name } = partsOf(uri);
    if (name === '') throw new TypeError(`an object in a bucket is named by gs://bucket/name, got ${uri}`);
    return this.#storage.bucket(bucket).file(name, generation === undefined ? {} : { generation });
  }
}

function partsOf(uri: string): { readonly bucket: string; readonly name: string } {
  const match = /^gs:\/\/([^/]+)\/?(.*)$/s.exec(uri);
  if (match?.[1] === undefined) throw new TypeError(`a bucket is named by gs://bucket/prefix, got ${uri}`);
  return { bucket: match[1], name: match[2] ?? '' };
}

function infoOf(uri: string, metadata: { size?: string | number; generation?: string | number }): ArtifactInfo {
  return { uri, bytes: Number(metadata.size ?? 0), generation: String(metadata.generation ?? '') };
}

function translated(doing: string, uri: string, error: unknown): Error {
  const code = Number((error as { code?: unknown }).code);
  if (code === 404) return new ArtifactNotFound(uri, { cause: error });
  if (code === 412) return new ArtifactExists(uri, { cause: error });
  if (code === 401 || code === 403) return new ArtifactForbidden(uri, { cause: error });
  return new Error(`${doing} ${uri}: ${(error as Error).message}`, { cause: error });
}
