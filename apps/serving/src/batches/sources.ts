import { type ArtifactInfo, ArtifactNotFound, type ArtifactStore } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { Batch, BatchPlaces } from './batch.ts';
import type { BatchStore, StoredFile } from './batch-store.ts';

/** Files that rows are read from: CSV, lines of JSON, Parquet, unpacked where they are gzip or zstd. */
export const rowFile = /\.(csv|tsv|jsonl|ndjson|parquet|pq)(\.(gz|zst))?$/i;

/** Whether a name is one that nobody has finished writing, as Hadoop and rsync have it. */
const hidden = /(^|\/)[._][^/]*$/;

/** Finds the files of a batch. */
export class Sources {
  readonly #places: BatchPlaces;
  readonly #batches: BatchStore;
  readonly #openStore: (uri: string) => Promise<ArtifactStore>;

  constructor(places: BatchPlaces, batches: BatchStore, openStore: (uri: string) => Promise<ArtifactStore>) {
    this.#places = places;
    this.#batches = batches;
    this.#openStore = openStore;
  }

  /** The store that has the batch's files. */
  store(batch: Batch): Promise<ArtifactStore> {
    return this.#openStore(this.folder(batch));
  }

  /** The folder that the batch's files lie in, links resolved: a slash is at its end. */
  folder({ source, model }: Batch): string {
    return source === '' ? `${this.#places.stored(model)}/` : source.slice(0, source.lastIndexOf('/') + 1);
  }

  /** Throws a {@link PermanentFailure} where there is none. */
  async of(batch: Batch): Promise<readonly StoredFile[]> {
    const { source, model } = batch;
    if (source === '') {
      await this.look(model);
      const files = await this.#batches.untaken(model);
      if (files.length === 0) throw new PermanentFailure(`nothing is stored for ${model}`);
      return files;
    }
    const store = await this.store(batch);
    const files = source.endsWith('/') ? await listed(store, source) : [await store.stat(source).catch(isThere)];
    const found = files.filter((file) => file !== undefined);
    if (found.length === 0)
      throw new PermanentFailure(`nothing at ${source} that rows are read from: .csv, .jsonl or .parquet`);
    return found;
  }

  /** Takes note of what is stored for a model. */
  async look(model: string): Promise<void> {
    const folder = `${this.#places.stored(model)}/`;
    const store = await this.#openStore(folder);
    // Whoever removes a file forgets it after that: one that is seen here and still there is seen in time to be forgotten.
    for (const file of await this.#batches.seen(model, await listed(store, folder)))
      if ((await store.stat(file.uri).catch(isThere)) === undefined) await this.#batches.gone(file);
  }
}

async function listed(store: ArtifactStore, folder: string): Promise<readonly ArtifactInfo[]> {
  const files: ArtifactInfo[] = [];
  try {
    for await (const file of store.list(folder)) {
      const path = file.uri.slice(folder.length);
      if (rowFile.test(path) && !hidden.test(path)) files.push(file);
    }
  } catch (error) {
    isThere(error);
  }
  return files;
}

/** Nothing is no failure. */
function isThere(error: unknown): undefined {
  if (!(error instanceof ArtifactNotFound)) throw error;
  return undefined;
}
