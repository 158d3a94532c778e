import type { Pool } from 'pg';
import { failureKind } from '@adstocrat/event-bus';
import {
  JobCancelled,
  type JobHandler,
  type JobKind,
  type JobWorker,
  LeaseLost,
  WorkerStopping,
  type WorkOptions,
} from '@adstocrat/jobs';
import { Attempt } from './attempt.ts';
import { claimJob, endJob, giveBack, lockJob, pruneJobs } from './job-queries.ts';
import type { JobRow } from './job-row.ts';
import { Pacer } from './pacer.ts';
import { runTransaction } from './postgres-transaction.ts';
import { pauseAfter, type Settings } from './settings.ts';

/** Attempts in a row whose process went away, after which the job is taken to be what ends them. */
const maxLosses = 10;
/** Wall milliseconds for handlers to end when the worker stops. Their jobs are given back then, ended or not. */
const stopMs = 3000;
const pruneMs = 600_000;

/** Takes jobs of one kind, and settles how each attempt ends. */
export class Worker<P> implements JobWorker {
  readonly #pool: Pool;
  readonly #settings: Settings;
  readonly #kind: JobKind<P>;
  readonly #options: WorkOptions<P>;
  readonly #handler: JobHandler<P>;
  readonly #onPublished: () => void;
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

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#pacer.wake();
    for (const attempt of this.#running.keys()) attempt.abort(new WorkerStopping('the process is stopping'));
    await this.#working;
    const handlers = Promise.allSettled(this.#running.values());
    await Promise.race([handlers, new Promise((resolve) => setTimeout(resolve, stopMs).unref())]);
    await Promise.all(Array.from(this.#running.keys(), (attempt) => this.#release(attempt)));
  }

  async #work(): Promise<void> {
    const { pollMs, heartbeatMs, keptMs, logger } = this.#settings;
    let nextPrune = 0;
    let away = false;
    while (!this.#stopping) {
      try {
        if (performance.now() >= nextPrune) {
          await pruneJobs(this.#pool, keptMs);
          nextPrune = performance.now() + pruneMs;
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
        this.#nextTakeOver = performance.now() + 3 * heartbeatMs;
      }
      await this.#pacer.pause(pollMs);
    }
  }

  /** A job that waits, else now and then one whose lease has run out. */
  async #claim(): Promise<JobRow | undefined> {
    const { leaseMs, heartbeatMs } = this.#settings;
    const asked = performance.now();
    const waiting = await claimJob(this.#pool, this.#kind.name, leaseMs, 'waiting');
    const answered = performance.now();
    // A database that hung lets the living prolong their leases first.
    if (answered - asked > heartbeatMs) this.#nextTakeOver = answered + 3 * heartbeatMs;
    if (waiting !== undefined || answered < this.#nextTakeOver) return waiting;
    this.#nextTakeOver = answered + heartbeatMs / 2;
    return claimJob(this.#pool, this.#kind.name, leaseMs, 'lost');
  }

  async #begin(row: JobRow): Promise<void> {
    const { kind, key, attempt, tries } = row;
    const facts = { kind, key, attempt, tries };
    let payload: P;
    try {
      payload = this.#kind.parse(row.payload);
    } catch (error) {
      await this.#fail(row, undefined, `its payload is none of ${kind}: ${messageOf(error)}`);
      return;
    }
    if (row.losses > maxLosses) {
      await this.#fail(row, payload, `the process that did it went away ${row.losses} times in a row`);
      return;
    }
    this.#settings.logger.info(facts, row.losses > 0 ? 'job taken over' : 'job begun');
    const job = new Attempt(this.#pool, this.#settings, row, payload, this.#onPublished);
    if (this.#stopping) job.abort(new WorkerStopping('the process is stopping'));
    const done = this.#settings
      .withTrace(`${kind} ${key}`, row.trace, () => this.#attempt(job))
      .catch((error: unknown) => this.#settle(job, row, error))
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

  /** Records how an attempt ended that threw. Where that cannot be recorded the lease runs out. */
  async #settle(job: Attempt<P>, row: JobRow, error: unknown): Promise<void> {
    const { logger, firstPauseMs } = this.#settings;
    const facts = { kind: job.kind, key: job.key, attempt: job.attempt, tries: job.tries };
    const reason: unknown = job.signal.aborted ? job.signal.reason : error;
    if (job.finished) {
      logger.error({ ...facts, err: error }, 'an error after the end of a job');
      return;
    }
    try {
      if (reason instanceof WorkerStopping) {
        await this.#release(job);
        return;
      }
      if (reason instanceof LeaseLost || reason instanceof JobCancelled) {
        logger.info({ ...facts, reason: reason.message }, 'attempt ended: the job is no longer its own');
        return;
      }
      const kind = await this.#kindOf(error);
      const failures = row.failures + (kind === 'unknown' ? 1 : 0);
      if (kind === 'permanent' || failures >= (this.#options.maxFailures ?? 5)) {
        logger.error({ ...facts, err: error }, 'job failed');
        await this.#fail(row, job.payload, messageOf(error));
        return;
      }
      const pauseMs = pauseAfter(job.tries, firstPauseMs);
      logger.warn({ ...facts, err: error, nextTryMs: pauseMs }, 'attempt failed: the job is tried again');
      await giveBack(this.#pool, job, { pauseMs, failures, counted: true, reason: messageOf(error) });
    } catch (settling) {
      logger.error(
        { ...facts, err: settling, reason: messageOf(error) },
        'the end of an attempt could not be recorded',
      );
    }
  }

  async #kindOf(error: unknown): Promise<ReturnType<typeof failureKind>> {
    const kind = failureKind(error);
    const { dependenciesAnswer } = this.#options;
    if (kind !== 'unknown' || dependenciesAnswer === undefined) return kind;
    return (await dependenciesAnswer().catch(() => false)) ? 'unknown' : 'transient';
  }

  async #fail(row: JobRow, payload: P | undefined, reason: string): Promise<void> {
    const { kind, key, attempt, trace } = row;
    const { published } = await runTransaction(this.#pool, trace, async (transaction) => {
      const now = await lockJob(transaction.client, [kind, key]);
      if (now?.attempt !== attempt || now.state !== 'running') return;
      const { onFailed } = this.#options;
      if (onFailed !== undefined && payload !== undefined) await onFailed({ key, payload, reason }, transaction);
      await endJob(transaction.client, [kind, key], { state: 'failed', reason });
    });
    if (published > 0) this.#onPublished();
  }

  /** Gives the job back as if the attempt had not been. */
  async #release(job: Attempt<P>): Promise<void> {
    await job.release();
    await giveBack(this.#pool, job, { pauseMs: 0, counted: false }).catch((error: unknown) => {
      this.#settings.logger.warn(
        { kind: job.kind, key: job.key, err: error },
        'a job goes back when its lease runs out',
      );
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
