import type { Pool } from 'pg';
import { isConnectionError, pause } from '@adstocrat/event-bus';
import { type Job, JobCancelled, type JobProgress, LeaseLost, type Transaction } from '@adstocrat/jobs';
import { endJob, findJob, forgetLosses, lockJob, prolongLease } from './job-queries.ts';
import type { JobRow } from './job-row.ts';
import { addOutput, keepOutputs } from './output-queries.ts';
import { Pacer } from './pacer.ts';
import { type PostgresTransaction, runTransaction } from './postgres-transaction.ts';
import { pauseAfter, type Settings } from './settings.ts';

/** One attempt: holds the lease from when it is made until `release`. */
export class Attempt<P> implements Job<P> {
  readonly kind: string;
  readonly key: string;
  readonly payload: P;
  readonly attempt: number;
  readonly tries: number;
  readonly signal: AbortSignal;
  readonly #pool: Pool;
  readonly #settings: Settings;
  readonly #trace: Readonly<Record<string, string>>;
  readonly #onPublished: () => void;
  readonly #controller = new AbortController();
  readonly #pacer = new Pacer();
  #holding: Promise<void>;
  #released = false;
  #finished = false;
  #progress: JobProgress | undefined;
  #unwritten = false;

  constructor(pool: Pool, settings: Settings, row: JobRow, payload: P, onPublished: () => void) {
    this.kind = row.kind;
    this.key = row.key;
    this.payload = payload;
    this.attempt = row.attempt;
    this.tries = row.tries;
    this.signal = this.#controller.signal;
    this.#pool = pool;
    this.#settings = settings;
    this.#trace = row.trace;
    this.#onPublished = onPublished;
    this.#holding = this.#hold();
  }

  /** Whether `finish` has recorded the end. */
  get finished(): boolean {
    return this.#finished;
  }

  report(progress: JobProgress): void {
    const metrics = { ...this.#progress?.metrics, ...progress.metrics };
    const stepChanged = progress.step !== this.#progress?.step;
    this.#progress = { ...progress, metrics };
    this.#unwritten = true;
    if (stepChanged) this.#pacer.wake();
  }

  advanced(): Promise<void> {
    return forgetLosses(this.#pool, this);
  }

  output(uri: string): Promise<void> {
    return addOutput(this.#pool, this, uri);
  }

  async finish(records: (transaction: Transaction) => Promise<unknown> = () => Promise.resolve()): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      this.signal.throwIfAborted();
      try {
        const { published } = await runTransaction(this.#pool, this.#trace, (transaction) =>
          this.#end(transaction, records),
        );
        this.#finished = true;
        if (published > 0) this.#onPublished();
        return;
      } catch (error) {
        if (!isConnectionError(error)) throw error;
        this.#settings.logger.warn({ ...this.#facts, err: error }, 'the end of a job waits for the database');
        const pauseMs = pauseAfter(tries, this.#settings.firstPauseMs);
        await pause(pauseMs, this.signal);
      }
    }
  }

  /** Aborts the attempt. */
  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** Prolongs the lease no longer. */
  async release(): Promise<void> {
    this.#released = true;
    this.#pacer.wake();
    await this.#holding;
  }

  get #facts(): object {
    return { kind: this.kind, key: this.key, attempt: this.attempt };
  }

  async #end(transaction: PostgresTransaction, records: (transaction: Transaction) => Promise<unknown>): Promise<void> {
    const row = await lockJob(transaction.client, [this.kind, this.key]);
    // The commit before this try was not acknowledged, and happened.
    if (row?.attempt === this.attempt && row.state === 'succeeded') return;
    const lost = lossOf(row, this.attempt);
    if (lost !== undefined) {
      this.abort(lost);
      throw lost;
    }
    const result = await records(transaction);
    await keepOutputs(transaction.client, this.attempt);
    await endJob(transaction.client, [this.kind, this.key], { state: 'succeeded', result, progress: this.#progress });
  }

  /** Prolongs the lease until it is lost or released. What stops the database from answering leaves the attempt as it is. */
  async #hold(): Promise<void> {
    const { heartbeatMs, logger, leaseMs } = this.#settings;
    let nextBeat = performance.now() + heartbeatMs;
    let away = false;
    for (;;) {
      await this.#pacer.pause(Math.min(heartbeatMs, progressMs));
      if (this.#released || this.signal.aborted) return;
      if (!this.#unwritten && performance.now() < nextBeat) continue;
      nextBeat = performance.now() + heartbeatMs;
      this.#unwritten = false;
      try {
        const held = await prolongLease(this.#pool, this, leaseMs, this.#progress);
        away = false;
        if (held) continue;
        if (this.#released || this.#finished) return;
        const lost = lossOf(await findJob(this.#pool, [this.kind, this.key]), this.attempt);
        if (lost === undefined) return;
        logger.warn({ ...this.#facts, reason: lost.message }, 'an attempt is given up');
        this.abort(lost);
        return;
      } catch (error) {
        this.#unwritten = true;
        if (!away) logger.warn({ ...this.#facts, err: error }, 'the lease cannot be prolonged: the database is away');
        away = true;
      }
    }
  }
}

/** Between two writes of progress, wall milliseconds. */
const progressMs = 400;

/** Why an attempt no longer holds its job; undefined where it does, or has ended it itself. */
function lossOf(row: JobRow | undefined, attempt: number): Error | undefined {
  if (row?.attempt === attempt) {
    if (row.state === 'running' || row.state === 'succeeded') return undefined;
    if (row.state === 'cancelled') return new JobCancelled(row.reason ?? 'the job was cancelled');
  }
  return new LeaseLost(`attempt ${attempt} no longer has its job: its lease ran out and another process took it`);
}
