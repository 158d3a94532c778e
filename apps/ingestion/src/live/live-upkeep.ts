import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { EventBus } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import type { Clock, Resource } from '@adstocrat/service-kit';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { newestBatchSpan } from '../span/schema-of-day.ts';
import type { GatherShards } from './gather-shards.ts';
import type { IntakeProgress } from './intake-progress.ts';
import { dropKeyHours } from './key-hours.ts';
import { endOfHour, hourOf } from './live-hour.ts';
import type { LiveRows } from './live-rows.ts';
import { shardRows } from './write-shard.ts';

export interface LiveUpkeepOptions extends IngestDependencies {
  readonly pool: Pool;
  readonly live: LiveRows;
  readonly progress: IntakeProgress;
  readonly gather: GatherShards;
  readonly bus: EventBus;
  readonly clock: Clock;
  /** Hours on the system's clock after which rows that no retrain took are given up. */
  readonly keepHours: number;
  /** Wall hours without a row of an hour after which its keys are forgotten. */
  readonly keysHours: number;
  /** Wall milliseconds that rows of an hour that is over wait for late ones of it. Default: 30,000. */
  readonly settleMs?: number;
}

/** Wall milliseconds between two looks, and between two at what can be removed. */
const lookMs = 2000;
const removeMs = 60_000;
/** A shard that could not be written is asked for again after about so many wall milliseconds. */
const againMs = 600_000;

/** Has rows brought into shards when their hour is over, or they are many; removes what nobody needs any more. */
export class LiveUpkeep implements Resource {
  readonly name = 'upkeep of live examples';
  readonly #options: LiveUpkeepOptions;
  readonly #stopping = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  #removedAtMs = -Infinity;

  constructor(options: LiveUpkeepOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#looking = this.#run();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let failing = '';
    while (!signal.aborted) {
      try {
        await this.look();
        if (Date.now() - this.#removedAtMs > removeMs) {
          await this.remove();
          this.#removedAtMs = Date.now();
        }
        failing = '';
      } catch (error) {
        const reason = (error as Error).message;
        if (reason !== failing) this.#options.logger.warn({ reason }, 'upkeep of live examples: tried again');
        failing = reason;
      }
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Asks for the shards that are due. */
  async look(): Promise<void> {
    const { live, gather, clock, settleMs = 30_000 } = this.#options;
    const watermarkMs = clock.at(await this.#readUntilMs());
    for (const [model, waiting] of Map.groupBy(await live.waiting(), (rows) => rows.model)) {
      const many = waiting.reduce((sum, { rows }) => sum + rows, 0) >= shardRows;
      const due = waiting.filter(({ hour, ageMs }) => many || (endOfHour(hour) <= watermarkMs && ageMs >= settleMs));
      if (due.length === 0 || (await newestBatchSpan(this.#options, model)) === undefined) continue;
      for (const rows of due) await gather.request(rows, `upkeep ${Math.floor(Date.now() / againMs)}`);
    }
  }

  /** Removes shards that are in a span, rows that are too old, and keys that nothing can come for any more. */
  async remove(): Promise<void> {
    const { pool, live, store, clock, keepHours, keysHours, logger } = this.#options;
    const readUntilMs = await this.#readUntilMs();
    if (readUntilMs > 0) {
      const givenUp = await live.giveUpBefore(hourOf(clock.at(readUntilMs)) - keepHours);
      if (givenUp > 0) logger.warn({ rows: givenUp, keepHours }, 'labelled rows that no retrain took are given up');
      await dropKeyHours(pool, readUntilMs - keysHours * 3_600_000);
    }
    for (const shard of await live.done()) {
      await store.clear(shard.uri);
      await live.forget(shard);
    }
    await pool.query(`DELETE FROM ingestion.watchers WHERE seen_at < clock_timestamp() - interval '1 hour'`);
  }

  async #readUntilMs(): Promise<number> {
    const { bus, progress } = this.#options;
    return progress.readUntilMs(await bus.partitions(topics.exampleLabelled.name));
  }
}
