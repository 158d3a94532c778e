import { setTimeout as sleep } from 'node:timers/promises';
import type { EventBus } from '@adstocrat/event-bus';
import { type JobRecord, type Jobs, Postponed } from '@adstocrat/jobs';
import { topics } from '@adstocrat/schemas';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { IntakeProgress } from './intake-progress.ts';
import type { LiveRows, Shard, WaitingRows } from './live-rows.ts';
import { shardJob } from './write-shard.ts';

/** Wall milliseconds between two looks at how far is read. */
const lookMs = 200;
/** Wall milliseconds that a worker waits for the reading before it does other work, and until it looks again. */
const tryMs = 3000;
const againMs = 1000;
/** Wall milliseconds after a request at which it is answered with what there is: a partition may hang for longer than anyone waits. */
const patienceMs = 600_000;

/** Brings the labelled rows that wait into shards. */
export class GatherShards {
  readonly #parts: {
    readonly live: LiveRows;
    readonly progress: IntakeProgress;
    readonly bus: EventBus;
    readonly jobs: Jobs;
    readonly logger: Logger;
  };

  constructor(parts: {
    readonly live: LiveRows;
    readonly progress: IntakeProgress;
    readonly bus: EventBus;
    readonly jobs: Jobs;
    readonly logger: Logger;
  }) {
    this.#parts = parts;
  }

  /** Asks for the shard of rows that wait. `by` as for any job. */
  request({ model, hour, firstChunk }: WaitingRows, by: string): Promise<JobRecord> {
    const key = `${model}/${hour}/${firstChunk}`;
    return this.#parts.jobs.request({ kind: shardJob, key, payload: { model, hour }, by });
  }

  /**
   * The model's shards that are in no span, once every label that the bus took before `appendedMs` is in one. Throws a
   * {@link Postponed} where the reading is behind.
   */
  async all(model: string, appendedMs: number, signal: AbortSignal): Promise<readonly Shard[]> {
    const { live, jobs } = this.#parts;
    await this.#taken(appendedMs, signal);
    const waiting = async (): Promise<readonly WaitingRows[]> =>
      (await live.waiting()).filter((rows) => rows.model === model);
    const newest = await live.newestChunk();
    for (let rows = await waiting(); rows.some(({ firstChunk }) => firstChunk <= newest); rows = await waiting()) {
      for (const one of rows) {
        signal.throwIfAborted();
        const { key } = await this.request(one, `live span at ${Date.now()}`);
        let last: JobRecord | undefined;
        for await (const record of jobs.watch(shardJob, key, signal)) last = record;
        signal.throwIfAborted();
        if (last?.state !== 'succeeded')
          throw new Error(`the shard ${key} was not written: ${last?.reason ?? 'its job is gone'}`);
      }
    }
    return live.unused(model);
  }

  async #taken(appendedMs: number, signal: AbortSignal): Promise<void> {
    const { bus, progress, logger } = this.#parts;
    const partitions = await bus.partitions(topics.exampleLabelled.name);
    for (const end = Date.now() + tryMs; ; await sleep(lookMs, undefined, { signal })) {
      const readUntilMs = await progress.readUntilMs(partitions);
      if (readUntilMs >= appendedMs) return;
      if (Date.now() < end) continue;
      const behindMs = appendedMs - readUntilMs;
      if (Date.now() < appendedMs + patienceMs)
        throw new Postponed(`labelled rows are read up to ${behindMs} ms before the retrain request`, againMs);
      logger.warn({ behindMs }, 'labelled rows are not all read; the live span is of those that are');
      return;
    }
  }
}
