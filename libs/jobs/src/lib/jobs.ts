import type { EventBus, OutgoingEvent, Topic } from '@adstocrat/event-bus';
import type { JobProgress, JobRecord } from './job-record.ts';

/** A kind of work, done by one service (by any of its processes). */
export interface JobKind<P> {
  readonly name: string;
  /** Reads a payload that was stored. Throws where it is none of this kind: the job then fails for good. */
  parse(payload: unknown): P;
}

export interface JobRequest<P> {
  readonly kind: JobKind<P>;
  /** What the work is about. There is one job for a kind and key. */
  readonly key: string;
  /** JSON-able. */
  readonly payload: P;
  /** Id of what asks: an event's or a call's. Who asked already is not heard twice. */
  readonly by: string;
}

/**
 * One transaction of the database that holds jobs, registry and outbox. Adapters of that database write their records in it; what
 * it is made of is theirs to know.
 */
export interface Transaction {
  /**
   * Events that go to the bus once this is committed, and never otherwise: in order within a key, under the ids given here (or made
   * here) however often they are sent. Throws a `PermanentFailure` for one that no bus can take.
   */
  publish<T>(topic: Topic<T>, events: readonly OutgoingEvent<NoInfer<T>>[]): Promise<void>;
}

/** One attempt at a job, which holds the job's lease. */
export interface Job<P> {
  readonly kind: string;
  readonly key: string;
  readonly payload: P;
  /** Unique over all jobs, increasing: the fence. Names the folder and the outputs of this attempt. */
  readonly attempt: number;
  /** Which try this is since the job was asked for, from 1. */
  readonly tries: number;
  /** Aborts with a {@link LeaseLost}, a {@link JobCancelled} or a {@link WorkerStopping}. */
  readonly signal: AbortSignal;
  /** Says where the attempt is. Written now and then; the last word before the end is kept. */
  report(progress: JobProgress): void;
  /**
   * Says that what was done so far stays done, whatever becomes of this process: attempts before it that went away no longer count
   * against the job.
   */
  advanced(): Promise<void>;
  /**
   * Says, before it is begun, that this attempt writes below a URI of its own. Unless the attempt finishes, `removeOutput` is asked
   * to remove what lies there, soon after its end, by any process.
   */
  output(uri: string): Promise<void>;
  /**
   * Ends the job with success in one transaction: the fence is checked, `records` writes what came of it, the job is done, its
   * outgoing events wait in the outbox. `records` may be called again where the connection broke: it writes to the transaction and
   * does nothing else. What it returns (JSON-able) is the record's `result`. While the database is away this waits.
   * Throws {@link LeaseLost} or {@link JobCancelled} where the job is no longer this attempt's: nothing is recorded then.
   */
  finish(records?: (transaction: Transaction) => Promise<unknown>): Promise<void>;
}

export interface WorkOptions<P> {
  /** Attempts of this kind in this process at once. */
  readonly concurrency: number;
  /** Errors of no known kind after which a job has failed. Default: 5. */
  readonly maxFailures?: number;
  /** Removes what an attempt that did not finish left below a URI, which may be nothing. */
  readonly removeOutput?: (uri: string) => Promise<void>;
  /** Whether what the work depends on answers. Asked on an error of no known kind: where it does not, the error is transient. */
  readonly dependenciesAnswer?: () => Promise<boolean>;
  /** Writes what follows from a job that failed for good, in the transaction that records the failure. */
  readonly onFailed?: (
    job: { readonly key: string; readonly payload: P; readonly reason: string },
    transaction: Transaction,
  ) => Promise<void>;
}

/**
 * Does one attempt. To return without `finish` is to finish with nothing to record. What it throws decides what follows: a
 * {@link Postponed} has it go on later; a `PermanentFailure` fails the job; a `TransientFailure` or an error of a connection has it
 * tried again, with growing pauses, for as long as that lasts; any other is tried `maxFailures` times in all.
 */
export type JobHandler<P> = (job: Job<P>) => Promise<void>;

/** Takes jobs of one kind until it is stopped. */
export interface JobWorker {
  /** Aborts what is in progress and gives it back at once: another process takes it, and no try is counted. */
  stop(): Promise<void>;
}

/** Sends the outbox to the bus, in its order, until it is stopped. One of all processes does at a time. */
export interface OutboxRelay {
  /** Ends the sending in progress. What was not sent stays in the outbox. */
  stop(): Promise<void>;
}

/**
 * Work that has one owner at a time. A job is held under a lease, which its process prolongs for as long as it lives; a job whose
 * lease has run out is taken over by any other process. What an attempt records counts only while the job is still its own.
 */
export interface Jobs {
  /** Brings the tables to this code's version. Safe from several processes at once. */
  migrate(): Promise<void>;
  /** Throws where the database does not answer. */
  ping(): Promise<void>;
  /** Stops workers and relays that were not stopped. */
  close(): Promise<void>;

  /**
   * Asks for a job. One that waits, runs or has succeeded is answered as it is; one that failed or was cancelled is tried anew, with
   * the payload given now, unless the same `by` asked for it before.
   */
  request<P>(request: JobRequest<P>, transaction?: Transaction): Promise<JobRecord>;
  get(kind: JobKind<unknown>, key: string): Promise<JobRecord | undefined>;
  /** Jobs of a kind that have not ended, in the order in which they were asked for. */
  live(kind: JobKind<unknown>, transaction?: Transaction): Promise<readonly JobRecord[]>;
  /** The job as it is and each change of it, until it ends or the signal aborts. Waits for a job that is not there yet. */
  watch(kind: JobKind<unknown>, key: string, signal: AbortSignal): AsyncIterable<JobRecord>;
  /**
   * Ends a job that waits or runs, in one transaction with what `records` writes of it: its attempt is aborted within seconds and can
   * record nothing more. False where there is none.
   */
  cancel(
    kind: JobKind<unknown>,
    key: string,
    reason: string,
    records?: (transaction: Transaction, job: JobRecord) => Promise<void>,
  ): Promise<boolean>;

  work<P>(kind: JobKind<P>, options: WorkOptions<P>, handler: JobHandler<P>): JobWorker;
  /** Sends what transactions publish. Every process that publishes runs one. */
  relay(bus: EventBus): OutboxRelay;
  /** A transaction without a job: records and events, all or nothing. `work` is called once. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
}

/**
 * Thrown by a handler that has nothing to do for a while, and nothing wrong: the job is taken again after a pause, by any process, and
 * what was counted against it is forgotten.
 */
export class Postponed extends Error {
  override readonly name = 'Postponed';
  /** Wall milliseconds. */
  readonly pauseMs: number;

  constructor(reason: string, pauseMs: number) {
    super(reason);
    this.pauseMs = pauseMs;
  }
}

/** Another attempt has the job: nothing of this one counts. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The job was cancelled. */
export class JobCancelled extends Error {
  override readonly name = 'JobCancelled';
}

/** The process is stopping: the job goes back. */
export class WorkerStopping extends Error {
  override readonly name = 'WorkerStopping';
}
