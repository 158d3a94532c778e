import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { Jobs } from '@adstocrat/jobs';
import type { Metadata } from '@adstocrat/metadata';
import type { Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { BatchStore } from './batch-store.ts';
import { stepRequests } from './batch-work.ts';
import type { Batches } from './batches.ts';
import type { Sources } from './sources.ts';

export interface BatchUpkeepOptions {
  readonly jobs: Jobs;
  readonly batches: BatchStore;
  readonly begin: Batches;
  readonly sources: Sources;
  readonly store: ArtifactStore;
  readonly metadata: Pick<Metadata, 'currentDeployments'>;
  readonly logger: Logger;
  /** Wall milliseconds between two batches of what is stored for a model, counted from the Unix epoch; 0: none begins by itself. */
  readonly everyMs: number;
  /** Wall milliseconds for which results, and rows that no batch takes, are kept. */
  readonly keptMs: number;
}

/** Wall milliseconds between two looks. */
const lookMs = 30_000;
/** What failed is asked for again after about so many wall milliseconds. */
const againMs = 600_000;

/** Begins the batches that are due, and removes what has been kept for long enough. Any number of processes may do it at once. */
export class BatchUpkeep implements Resource {
  readonly name = 'upkeep of batches';
  readonly #options: BatchUpkeepOptions;
  readonly #stopping = new AbortController();
  /** By model, when what is stored for it was listed last. */
  readonly #listedMs = new Map<string, number>();

  constructor(options: BatchUpkeepOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    void this.#run();
    return Promise.resolve();
  }

  /** A look that the database hangs in is not waited for: whatever it does counts by transactions. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return Promise.resolve();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failing = '';
    while (!signal.aborted) {
      try {
        await this.look(Date.now());
        failing = '';
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== failing && !signal.aborted)
          this.#options.logger.warn({ reason }, 'upkeep of batches: tried again');
        failing = reason;
      }
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What is due at this wall time. */
  async look(nowMs: number): Promise<void> {
    const { begin, batches, metadata, jobs, everyMs, keptMs } = this.#options;
    await begin.ready();
    for (const { model } of await metadata.currentDeployments()) {
      if (everyMs > 0) await this.#beginDue(model, nowMs);
      await this.#giveUp(model, nowMs);
    }
    const steps = stepRequests(jobs, batches, `upkeep ${Math.floor(nowMs / againMs)}`);
    for (const batch of await batches.endedBefore(keptMs)) await steps.request(batch, 'remove');
  }

  /**
   * One batch a slot and model: its id says which, and who asks second asks for the same. None while another is about to take what is
   * stored. One that failed with rows that it had taken goes on, as long as rows are kept.
   */
  async #beginDue(model: string, nowMs: number): Promise<void> {
    const { batches, everyMs, keptMs } = this.#options;
    for (const id of await batches.failedWithRows(model, { againMs, keptMs })) await this.#begin(model, id);
    const slotMs = Math.floor(nowMs / everyMs) * everyMs;
    const slot = new Date(slotMs).toISOString().replaceAll(/[^\dTZ]/g, '');
    const id = `${model.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 80)}.${slot}`;
    if ((await batches.find(id)) !== undefined || (await batches.planning(model))) return;
    // Where all was taken, no batch says that this slot is done: it is listed once all the same.
    if ((this.#listedMs.get(model) ?? -Infinity) < slotMs) await this.#list(model, nowMs);
    if ((await batches.untaken(model)).length > 0) await this.#begin(model, id);
  }

  #begin(model: string, id: string): Promise<unknown> {
    return this.#options.begin.begin({ id, target: { model }, source: '', allowMissing: true, columns: [] });
  }

  async #list(model: string, nowMs: number): Promise<void> {
    await this.#options.sources.look(model);
    this.#listedMs.set(model, nowMs);
  }

  /** A folder may hold very much: it is listed now and then. */
  async #giveUp(model: string, nowMs: number): Promise<void> {
    const { batches, store, keptMs, logger } = this.#options;
    if (nowMs >= (this.#listedMs.get(model) ?? -Infinity) + Math.min(againMs, keptMs)) await this.#list(model, nowMs);
    const files = await batches.giveUp(model, keptMs);
    for (const file of files) {
      await store.remove(file.uri);
      await batches.gone(file);
    }
    if (files.length > 0)
      logger.warn({ model, files: files.length, keptMs }, 'stored rows that no batch took are given up');
  }
}
