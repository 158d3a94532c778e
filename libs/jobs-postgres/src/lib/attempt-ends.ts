import type { Pool } from 'pg';
import { failureKind } from '@adstocrat/event-bus';
import { JobCancelled, LeaseLost, Postponed, WorkerStopping, type WorkOptions } from '@adstocrat/jobs';
import type { Attempt } from './attempt.ts';
import { endJob, giveBack, lockJob } from './job-queries.ts';
import type { JobRow } from './job-row.ts';
import { runTransaction } from './postgres-transaction.ts';
import { pauseAfter, type Settings } from './settings.ts';

/** How attempts end that do not finish: given back, tried again, failed. */
export class AttemptEnds<P> {
  readonly #pool: Pool;
  readonly #settings: Settings;
  readonly #options: WorkOptions<P>;
  readonly #onPublished: () => void;

  constructor(pool: Pool, settings: Settings, options: WorkOptions<P>, onPublished: () => void) {
    this.#pool = pool;
    this.#settings = settings;
    this.#options = options;
    this.#onPublished = onPublished;
  }

  /** Records how an attempt ended that threw. Where that cannot be recorded the lease runs out. */
  async settle(job: Attempt<P>, row: JobRow, error: unknown): Promise<void> {
    const { logger, firstPauseMs } = this.#settings;
    const facts = { kind: job.kind, key: job.key, attempt: job.attempt, tries: job.tries };
    const reason: unknown = job.signal.aborted ? job.signal.reason : error;
    if (job.finished) {
      logger.error({ ...facts, err: error }, 'an error after the end of a job');
      return;
    }
    try {
      if (reason instanceof WorkerStopping) {
        await this.release(job);
        return;
      }
      if (reason instanceof LeaseLost || reason instanceof JobCancelled) {
        logger.info({ ...facts, reason: reason.message }, 'attempt ended: the job is no longer its own');
        return;
      }
      if (error instanceof Postponed) {
        const { pauseMs, message } = error;
        await giveBack(this.#pool, job, { pauseMs, failures: 0, counted: false, reason: message });
        return;
      }
      const kind = await this.#kindOf(error);
      const failures = row.failures + (kind === 'unknown' ? 1 : 0);
      if (kind === 'permanent' || failures >= (this.#options.maxFailures ?? 5)) {
        logger.error({ ...facts, err: error }, 'job failed');
        await this.fail(row, job.payload, messageOf(error));
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

  /** Fails the job for good, unless it is no longer the row's attempt's. */
  async fail(row: JobRow, payload: P | undefined, reason: string): Promise<void> {
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
  async release(job: Attempt<P>): Promise<void> {
    await job.release();
    await giveBack(this.#pool, job, { pauseMs: 0, counted: false }).catch((error: unknown) => {
      this.#settings.logger.warn(
        { kind: job.kind, key: job.key, err: error },
        'a job goes back when its lease runs out',
      );
    });
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
