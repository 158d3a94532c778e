/** What the adapter says of its work. */
export interface JobsLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

type Trace = Readonly<Record<string, string>>;

/** Wall milliseconds, all of them. */
export interface JobsSettings {
  readonly logger?: JobsLog;
  /**
   * Who this process is, where only one process at a time can be it (it holds the lock of a folder, say): what one of that name left
   * running is taken over at the start, without waiting for the lease. Default: nobody.
   */
  readonly owner?: string;
  /** Attempts in a row whose process went away, none of which advanced, after which the job is taken to be what ends them. Default: 10. */
  readonly maxLosses?: number;
  /** A job whose process said nothing for so long is taken over. The same for all processes. Default: 12,000. */
  readonly leaseMs?: number;
  /** Between two prolongations of a lease. Default: a sixth of it. */
  readonly heartbeatMs?: number;
  /** Between two looks for a job to take, a change to tell, an event to send. Default: 300. */
  readonly pollMs?: number;
  /** Before the second try; doubled for each further one, up to a minute. Default: 1000. */
  readonly firstPauseMs?: number;
  /** Ended jobs are forgotten after this. Default: 30 days. */
  readonly keptMs?: number;
  /** Headers of the active trace: kept with a job and an event. Default: none. */
  readonly traceHeaders?: () => Trace;
  /** Runs what goes on a trace. Default: as it is. */
  readonly withTrace?: <T>(name: string, headers: Trace, run: () => Promise<T>) => Promise<T>;
}

/** The settings with every default filled in. */
export type Settings = Required<JobsSettings>;

const silent: JobsLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export function settingsOf(given: JobsSettings): Settings {
  const leaseMs = given.leaseMs ?? 12_000;
  return {
    leaseMs,
    owner: given.owner ?? '',
    maxLosses: given.maxLosses ?? 10,
    logger: given.logger ?? silent,
    heartbeatMs: given.heartbeatMs ?? leaseMs / 6,
    pollMs: given.pollMs ?? 300,
    firstPauseMs: given.firstPauseMs ?? 1000,
    keptMs: given.keptMs ?? 30 * 24 * 3_600_000,
    traceHeaders: given.traceHeaders ?? (() => ({})),
    withTrace: given.withTrace ?? ((_name, _headers, run) => run()),
  };
}

const longestPauseMs = 60_000;

/** The pause after so many tries (≥ 1): doubled each time, up to a minute. */
export function pauseAfter(tries: number, firstPauseMs: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(20, tries - 1));
}
