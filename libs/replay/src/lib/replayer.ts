import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedArtifact, fetchFolder } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { DamagedServable, type LoadedServable, openServable } from '@adstocrat/inference';
import { removalOf, type VersionRecord, type Versions } from '@adstocrat/metadata';
import type { events } from '@adstocrat/schemas';
import type { StoredImages } from '@adstocrat/stored-images';
import type { Replay } from './replay.ts';
import { impossible, replayRow } from './replay-row.ts';

/** Servables that are held open, at most. */
const maxOpen = 16;

export interface ReplayerOptions {
  readonly versions: Pick<Versions, 'getVersion'>;
  readonly store: ArtifactStore;
  /** Images that ingestion keeps. */
  readonly images: StoredImages;
  /** A folder of its own, which {@link Replayer.close} empties. */
  readonly workDir: string;
}

/** Recomputes logged predictions, each with the very servable that answered it, fetched by digest. One at a time. */
export class Replayer {
  readonly #options: ReplayerOptions;
  /** Newest last. A reason: it cannot be had. */
  readonly #servables = new Map<string, LoadedServable | { readonly reason: string }>();

  constructor(options: ReplayerOptions) {
    this.#options = options;
  }

  /** Throws where the registry or the store does not answer: what is missing for good is an outcome. */
  async replay(logged: events.PredictionMade): Promise<Replay> {
    const { model, version } = logged;
    const servable = await this.#servable(model, version);
    if ('reason' in servable) return impossible(servable.reason);
    return replayRow(servable, logged, (digest) => this.#image(digest));
  }

  /** Closes the servables and removes their copies. */
  async close(): Promise<void> {
    for (const key of [...this.#servables.keys()]) await this.#drop(key);
  }

  async #servable(model: string, version: number): Promise<LoadedServable | { readonly reason: string }> {
    const key = `${version}/${model}`;
    const found = this.#servables.get(key) ?? (await this.#fetch(model, version));
    this.#servables.delete(key);
    this.#servables.set(key, found);
    const [oldest] = this.#servables.keys();
    if (this.#servables.size > maxOpen && oldest !== undefined) await this.#drop(oldest);
    return found;
  }

  async #fetch(model: string, version: number): Promise<LoadedServable | { readonly reason: string }> {
    const record = await this.#options.versions.getVersion(model, version);
    if (record === undefined) return { reason: `the registry has no version ${version} of model ${model}` };
    const removal = removalOf(record);
    if (removal !== undefined) return { reason: `version ${version} of model ${model} is gone: ${removal}` };
    const { uri, digest } = record;
    const folder = this.#folder(record);
    try {
      await fetchFolder(this.#options.store, uri, 'servable.json', digest, folder);
      return await openServable(folder, { digest });
    } catch (error) {
      if (!(error instanceof DamagedArtifact || error instanceof DamagedServable)) throw error;
      return { reason: `version ${version} of model ${model} is not whole at ${uri}: ${error.message}` };
    }
  }

  async #drop(key: string): Promise<void> {
    const held = this.#servables.get(key);
    this.#servables.delete(key);
    if (held === undefined || 'reason' in held) return;
    await held.close();
    rmSync(this.#folder(held.manifest), { recursive: true, force: true });
  }

  /** By digest: a model's name is a stranger's. */
  #folder({ digest }: Pick<VersionRecord, 'digest'>): string {
    return join(this.#options.workDir, digest.slice(0, 16));
  }

  async #image(digest: string): Promise<Uint8Array | undefined> {
    // What the log says lies there is a digest, and no other path.
    return /^[0-9a-f]{64}$/.test(digest) ? this.#options.images.find(digest) : undefined;
  }
}
