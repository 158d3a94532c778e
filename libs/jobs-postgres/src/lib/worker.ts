import type { Pool } from 'pg';
import {
  JobCancelled,
  type JobHandler,
  type JobKind,
  type JobWorker,
  WorkerStopping,
  type WorkOptions,
} from '@adstocrat/jobs';
import { Attempt } from './attempt.ts';
import { AttemptEnds, messageOf } from './attempt-ends.ts';
import { claimJob, endLeasesOf, pruneJobs } from './job-queries.ts';
import type { JobRow } from './job-row.ts';
import { forgetOutput, leftOutputs } from './output-queries.ts';
import { atMost, Pacer } from './pacer.ts';
import type { Settings } from './settings.ts';

/** Wall milliseconds for handlers to end when the worker stops, and for giving back what they had, ended or not. */
const handlersMs = 3000;
const givingBackMs = 1000;
const housekeepingMs = 60_000;

/** Takes jobs of one kind and has its handler do them. */
export class Worker<P> implements JobWorker {
  readonly #pool: Pool;
  readonly #settings: Settings;
  readonly #kind: JobKind<P>;
  readonly #options: WorkOptions<P>;
  readonly #handler: JobHandler<P>;
  readonly #onPublished: () => void;
  readonly #ends: AttemptEnds<P>;
  readonly #pacer = new Pacer();
  readonly #running = new Map<Attempt<P>, Promise<void>>();
  #nextTakeOver = 0;
  #stopping = false;
  #working: Promise<void>;

  constructor(
    pool: Pool,
    settings: Settings,
    work: { readonly kind: JobKind<P>; readonly options: WorkOptions<P>; readonly handler: JobHandler<P> },
    onPublished: () => void,
  ) {
    this.#pool = pool;
    this.#settings = settings;
    this.#kind = work.kind;
    this.#options = work.options;
    this.#handler = work.handler;
    this.#onPublished = onPublished;
    this.#ends = new AttemptEnds(pool, settings, work.options, onPublished);
    this.#working = this.#work();
  }

  /** Looks for a job now. */
  wake(): void {
    this.#pacer.wake();
  }

  /** Aborts the attempt at a job that was cancelled, where this worker has it. */
  cancelled(key: string, reason: string): void {
    for (const attempt of this.#running.keys()) if (attempt.key === key) attempt.abort(new JobCancelled(reason));
  }

  /** Ends in bounded time, whatever the database does: what it could not give back goes back when its lease runs out. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#pacer.wake();
    for (const attempt of this.#running.keys()) attempt.abort(new WorkerStopping('the process is stopping'));
    await atMost(handlersMs, Promise.allSettled([this.#working, ...this.#running.values()]));
    await atMost(givingBackMs, Promise.all(Array.from(this.#running.keys(), (attempt) => this.#ends.release(attempt))));
  }

  async #work(): Promise<void> {
    const { pollMs, leaseMs, keptMs, logger, owner } = this.#settings;
    let nextHousekeeping = 0;
    let leasesEnded = owner === '';
    let away = false;
    while (!this.#stopping) {
      try {
        if (!leasesEnded) await endLeasesOf(this.#pool, this.#kind.name, owner);
        leasesEnded = true;
        if (performance.now() >= nextHousekeeping) {
          nextHousekeeping = performance.now() + housekeepingMs;
          await pruneJobs(this.#pool, keptMs);
          await this.#removeLeftOutputs();
        }
        const row = this.#running.size < this.#options.concurrency ? await this.#claim() : undefined;
        if (away) logger.info({ kind: this.#kind.name }, 'the database is back: jobs are taken again');
        away = false;
        if (row !== undefined) {
          await this.#begin(row);
          continue;
        }
      } catch (error) {
        if (!away) logger.warn({ kind: this.#kind.name, err: error }, 'no job can be taken: the database is away');
        away = true;
        // Whoever lives prolongs its lease first: an outage of the database is no one's death.
        this.#nextTakeOver = performance.now() + leaseMs / 2;
      }
      await this.#pacer.pause(pollMs);
    }
  }

  /** A job that waits, else now and then one whose lease has run out. */
  async #claim(): Promise<JobRow | undefined> {
    const { heartbeatMs, leaseMs } = this.#settings;
    const asked = performance.now();
    const waiting = await claimJob(this.#pool, this.#kind.name, 'waiting', this.#settings);
    const answered = performance.now();
    // A database that hung lets the living prolong their leases first.
    if (answered - asked > heartbeatMs) this.#nextTakeOver = answered + leaseMs / 2;
    if (waiting !== undefined || answered < this.#nextTakeOver) return waiting;
    this.#nextTakeOver = answered + heartbeatMs / 2;
    return claimJob(this.#pool, this.#kind.name, 'lost', this.#settings);
  }

  /** What attempts wrote that are over and did not finish. */
  async #removeLeftOutputs(): Promise<void> {
    const { removeOutput } = this.#options;
    if (removeOutput === undefined) return;
    for (const output of await leftOutputs(this.#pool, this.#kind.name)) {
      try {
        await removeOutput(output.uri);
        await forgetOutput(this.#pool, output);
        this.#settings.logger.info({ kind: this.#kind.name, ...output }, 'what an attempt left is removed');
      } catch (error) {
        const facts = { kind: this.#kind.name, ...output, err: error };
        this.#settings.logger.warn(facts, 'what an attempt left cannot be removed now');
      }
    }
  }

  async #begin(row: JobRow): Promise<void> {
    const { kind, key, attempt, tries } = row;
    const facts = { kind, key, attempt, tries };
    let payload: P;
    try {
      payload = this.#kind.parse(row.payload);
    } catch (error) {
      await this.#ends.fail(row, undefined, `its payload is none of ${kind}: ${messageOf(error)}`);
      return;
    }
    if (row.losses > this.#settings.maxLosses) {
      await this.#ends.fail(row, payload, `the process that did it went away ${row.losses} times in a row`);
      return;
    }
    this.#settings.logger.info(facts, row.losses > 0 ? 'job taken over' : 'job begun');
    const job = new Attempt(this.#pool, this.#settings, row, payload, this.#onPublished);
    if (this.#stopping) job.abort(new WorkerStopping('the process is stopping'));
    const done = this.#settings
      .withTrace(`${kind} ${key}`, row.trace, () => this.#attempt(job))
      .catch((error: unknown) => this.#ends.settle(job, row, error))
      .finally(async () => {
        await job.release();
        this.#running.delete(job);
        this.#pacer.wake();
      });
    this.#running.set(job, done);
  }

  async #attempt(job: Attempt<P>): Promise<void> {
    await this.#handler(job);
    if (!job.finished) await job.finish();
  }
}
