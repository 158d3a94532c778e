import type { Pool } from 'pg';
import { type EventBus, pause } from '@adstocrat/event-bus';
import {
  hasEnded,
  type JobHandler,
  type JobKind,
  type JobRecord,
  type JobRequest,
  type Jobs,
  type JobWorker,
  type OutboxRelay,
  type Transaction,
  type WorkOptions,
} from '@adstocrat/jobs';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { endJob, findJob, liveJobs, lockJob, requestJob } from './job-queries.ts';
import { recordOf } from './job-row.ts';
import { clientOf, runTransaction } from './postgres-transaction.ts';
import { Relay } from './relay.ts';
import { type JobsSettings, type Settings, settingsOf } from './settings.ts';
import { migrate } from './tables.ts';
import { Worker } from './worker.ts';

/** {@link Jobs} in PostgreSQL, schema `jobs`. */
export class PostgresJobs implements Jobs {
  readonly #pool: Pool;
  readonly #settings: Settings;
  readonly #workers = new Map<Pick<Worker<unknown>, 'wake' | 'cancelled' | 'stop'>, string>();
  readonly #relays = new Set<Relay>();

  private constructor(pool: Pool, settings: Settings) {
    this.#pool = pool;
    this.#settings = settings;
  }

  /** Connects lazily: the first call throws where the server is away. */
  static open(url: string, settings: JobsSettings = {}): PostgresJobs {
    return new PostgresJobs(openPool(url, { name: 'jobs', max: 4 }), settingsOf(settings));
  }

  migrate(): Promise<void> {
    return migrate(this.#pool);
  }

  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.keys(), ...this.#relays].map((one) => one.stop()));
    await closePool(this.#pool);
  }

  async request<P>(request: JobRequest<P>, transaction?: Transaction): Promise<JobRecord> {
    const database = transaction === undefined ? this.#pool : clientOf(transaction);
    const row = await requestJob(database, request, this.#settings.traceHeaders());
    for (const [worker, kind] of this.#workers) if (kind === request.kind.name) worker.wake();
    return recordOf(row);
  }

  async get(kind: JobKind<unknown>, key: string): Promise<JobRecord | undefined> {
    const row = await findJob(this.#pool, [kind.name, key]);
    return row && recordOf(row);
  }

  async live(kind: JobKind<unknown>, transaction?: Transaction): Promise<readonly JobRecord[]> {
    const database = transaction === undefined ? this.#pool : clientOf(transaction);
    return (await liveJobs(database, kind.name)).map(recordOf);
  }

  async *watch(kind: JobKind<unknown>, key: string, signal: AbortSignal): AsyncGenerator<JobRecord> {
    for (let last = ''; !signal.aborted;) {
      const job = await this.get(kind, key);
      const said = JSON.stringify(job);
      if (job !== undefined && said !== last) yield job;
      if (job !== undefined && hasEnded(job)) return;
      last = said;
      await pause(this.#settings.pollMs / 2, signal);
    }
  }

  async cancel(
    kind: JobKind<unknown>,
    key: string,
    reason: string,
    records: (transaction: Transaction, job: JobRecord) => Promise<void> = () => Promise.resolve(),
  ): Promise<boolean> {
    const cancelled = await this.transaction(async (transaction) => {
      const client = clientOf(transaction);
      const row = await lockJob(client, [kind.name, key]);
      if (row === undefined || hasEnded(row)) return false;
      await records(transaction, recordOf(row));
      await endJob(client, [kind.name, key], { state: 'cancelled', reason });
      return true;
    });
    if (cancelled) for (const [worker, of] of this.#workers) if (of === kind.name) worker.cancelled(key, reason);
    return cancelled;
  }

  work<P>(kind: JobKind<P>, options: WorkOptions<P>, handler: JobHandler<P>): JobWorker {
    const worker = new Worker(this.#pool, this.#settings, { kind, options, handler }, () => {
      this.#onPublished();
    });
    this.#workers.set(worker, kind.name);
    return worker;
  }

  relay(bus: EventBus): OutboxRelay {
    const relay = new Relay(this.#pool, bus, this.#settings);
    this.#relays.add(relay);
    return relay;
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const { value, published } = await runTransaction(this.#pool, this.#settings.traceHeaders(), work);
    if (published > 0) this.#onPublished();
    return value;
  }

  #onPublished(): void {
    for (const relay of this.#relays) relay.wake();
  }
}
