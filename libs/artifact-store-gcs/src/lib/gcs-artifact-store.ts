import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Bucket, type File, Storage } from '@google-cloud/storage';
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
import { collectOldObjects } from '@adstocrat/service-kit';
import { patience, type ReadPatience, resumedRead } from './resumed-read.ts';

/** As many as Cloud Storage lists at once. */
const pageObjects = 1000;
/** There is much more of each object, which nobody looks at. */
const listedFields = 'items(name,size,generation,timeCreated),nextPageToken';

/**
 * Bytes that the client leaves among old objects, about, of a read and of a page of a listing: a function of a stream is old at once, the
 * stream hangs on it, and the request on that. So many together are collected: V8 waits until they are as many as all that stays.
 */
const leftOfRead = 50_000;
const leftOfPage = 800_000;
const mostLeft = 25_600_000;

/** A page of a listing, as the JSON API has it. */
interface ListedPage {
  readonly items?: readonly {
    readonly name: string;
    readonly size: string;
    readonly generation: string;
    readonly timeCreated: string;
  }[];
  readonly nextPageToken?: string;
}

/** {@link ArtifactStore} on Google Cloud Storage. */
export class GcsArtifactStore implements ArtifactStore {
  readonly #storage: Storage;
  readonly #patience: ReadPatience;
  /** The last one that was asked for: one of the client's costs more to make than a file, and leaves more. */
  #lastBucket: Bucket | undefined;
  /** Bytes, since old objects were last collected. */
  #left = 0;

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
    this.#leave(leftOfRead);
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
      const qs = { prefix: name, maxResults: pageObjects, fields: listedFields, ...(pageToken && { pageToken }) };
      let page: ListedPage;
      try {
        // The client's own listing makes a file of each, with lists of access and what else one may do with it.
        [page] = (await this.#bucket(bucket).request({ uri: '/o', qs })) as unknown as readonly [ListedPage];
      } catch (error) {
        throw translated('listing', prefix, error);
      }
      this.#leave(leftOfPage);
      for (const object of page.items ?? [])
        yield Object.assign(infoOf(`gs://${bucket}/${object.name}`, object), {
          writtenAtMs: Date.parse(object.timeCreated),
        });
      pageToken = page.nextPageToken;
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
    return this.#bucket(bucket).file(name, generation === undefined ? {} : { generation });
  }

  #leave(bytes: number): void {
    this.#left += bytes;
    if (this.#left < mostLeft) return;
    this.#left = 0;
    collectOldObjects();
  }

  #bucket(name: string): Bucket {
    if (this.#lastBucket?.name !== name) this.#lastBucket = this.#storage.bucket(name);
    return this.#lastBucket;
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
