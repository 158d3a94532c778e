import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DamagedArtifact } from '@adstocrat/artifact-folders';
import { ArtifactNotFound, type ArtifactStore } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import { DamagedServable, type LoadedServable } from '@adstocrat/inference';
import type { PersonalKeys } from '@adstocrat/service-kit';
import { checkedServable } from '../models/checked-servable.ts';
import { fetchServable } from '../models/fetch-servable.ts';
import type { Batch } from './batch.ts';

/** The servable of the batch that this process works on: one at a time, since shards of a batch follow each other. */
export class PinnedServable {
  readonly #store: ArtifactStore;
  readonly #workDir: string;
  readonly #neighbours: readonly string[];
  readonly #personalKeys: PersonalKeys;
  #digest = '';
  #servable: LoadedServable | undefined;

  constructor(options: {
    readonly store: ArtifactStore;
    /** Its copies lie there. */
    readonly workDir: string;
    /** Work folders from which a version need not be fetched again. */
    readonly neighbours: readonly string[];
    readonly personalKeys: PersonalKeys;
  }) {
    this.#store = options.store;
    this.#workDir = options.workDir;
    this.#neighbours = options.neighbours;
    this.#personalKeys = options.personalKeys;
  }

  /** Until the next call. Throws a {@link PermanentFailure} where the version is gone or damaged. */
  async of({ model, version, uri, digest }: Batch): Promise<LoadedServable> {
    if (this.#servable !== undefined && this.#digest === digest) return this.#servable;
    await this.close();
    try {
      const places = { store: this.#store, workDir: this.#workDir, neighbours: this.#neighbours };
      const folder = await fetchServable(places, model, { version, uri, digest });
      const servable = await checkedServable(folder, this.#personalKeys, digest);
      [this.#servable, this.#digest] = [servable, digest];
      return servable;
    } catch (error) {
      this.#clear();
      if (!(error instanceof ArtifactNotFound || error instanceof DamagedArtifact || error instanceof DamagedServable))
        throw error;
      throw new PermanentFailure(`version ${version} of ${model} is not whole at ${uri}: ${error.message}`, {
        cause: error,
      });
    }
  }

  async close(): Promise<void> {
    const servable = this.#servable;
    this.#servable = undefined;
    await servable?.close();
    this.#clear();
  }

  #clear(): void {
    rmSync(join(this.#workDir, 'models'), { recursive: true, force: true });
  }
}
