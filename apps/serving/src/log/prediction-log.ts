import { join } from 'node:path';
import type { EventBus } from '@adstocrat/event-bus';
import { LogFull, SegmentLog, type SegmentLogEvent } from '@adstocrat/segment-log';
import { type Clock, type Resource, ResourceExhausted, Unavailable } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { AnswerLog } from './answer-log.ts';
import { RefusedRows } from './refused-rows.ts';
import { Relay } from './relay.ts';
import { watchLog } from './watch-log.ts';

export interface PredictionLogOptions {
  /** `ack`: rows are in the log before their answer leaves. `async`: at most about 20 ms behind it. `off`: never. */
  readonly mode: 'ack' | 'async' | 'off';
  /** This server's own, kept between starts. */
  readonly workDir: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly whenFull: 'refuse' | 'drop-oldest';
  /** Wall milliseconds for which a stop goes on telling the bus what the log holds. */
  readonly drainMs: number;
  /** Absent: nothing is logged, since nobody could be told. */
  readonly bus?: EventBus;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Open {
  readonly log: SegmentLog;
  readonly relay: Relay;
  readonly refused: RefusedRows;
  readonly unwatch: () => void;
}

/**
 * Each answered row, on this server's disk and from there on the bus as `prediction.made`, at least once. No answer waits for the
 * bus; what it has not taken waits on disk, over restarts too.
 */
export class PredictionLog implements Resource {
  readonly name = 'prediction log';
  readonly #options: PredictionLogOptions;
  #open: Open | undefined;
  /** Rows that were answered and are not in the log: only `async` answers before it knows. */
  lostRows = 0;
  loggedRows = 0;

  constructor(options: PredictionLogOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { mode, workDir, maxBytes, maxAgeMs, whenFull, bus, logger } = this.#options;
    if (mode === 'off' || bus === undefined) return;
    const folder = join(workDir, 'prediction-log');
    const log = await SegmentLog.open({
      folder,
      maxBytes,
      maxAgeMs,
      whenFull,
      gatherMs: mode === 'async' ? 20 : 0,
      onEvent: (event) => this.#said(event),
    });
    const refused = new RefusedRows(folder, logger);
    const relay = new Relay({ log, bus, refused, logger });
    const { waitingRecords } = log.state;
    if (waitingRecords > 0) logger.info({ rows: waitingRecords }, 'predictions of before go on to the bus');
    relay.start();
    const unwatch = watchLog(() => {
      const state = log.state;
      return {
        loggedRows: this.loggedRows,
        relayedRows: relay.relayedRows,
        refusedRows: refused.count,
        droppedRows: state.droppedRecords,
        lostRows: this.lostRows,
        waitingRows: state.waitingRecords,
        waitingBytes: state.waitingBytes,
        oldestWaitingS: state.oldestReadMs === undefined ? 0 : Math.max(0, (Date.now() - state.oldestReadMs) / 1000),
      };
    }, logger);
    this.#open = { log, relay, refused, unwatch };
  }

  /** Whether answers can be logged: where not, `ack` gives none. */
  get writable(): boolean {
    return this.#open?.log.state.fault === undefined;
  }

  /** Begins to log an answer; its rows follow a slice at a time, and nothing is logged before {@link AnswerLog.commit}. */
  begin(): AnswerLog {
    return new AnswerLog(
      this.#options.clock.nowMs(),
      this.#open === undefined ? undefined : (records) => this.#append(records),
    );
  }

  async #append(records: readonly Buffer[]): Promise<void> {
    const appended = this.#open?.log.append(records).then(
      () => {
        this.loggedRows += records.length;
      },
      (error: unknown) => {
        if (this.#options.mode === 'ack') throw failureOf(error as Error);
        this.lostRows += records.length;
      },
    );
    if (this.#options.mode === 'ack') await appended;
  }

  /** Tells the bus what it takes of the rest within `drainMs`; what it does not take is on disk, for the next start. */
  async stop(hurry?: AbortSignal): Promise<void> {
    if (this.#open === undefined) return;
    const { log, relay, unwatch } = this.#open;
    await relay.stop(this.#options.drainMs, hurry);
    unwatch();
    await log.close();
    const { waitingRecords } = log.state;
    if (waitingRecords > 0)
      this.#options.logger.warn({ rows: waitingRecords }, 'predictions wait on disk for the next start of this server');
  }

  #said(event: SegmentLogEvent): void {
    const { logger } = this.#options;
    switch (event.kind) {
      case 'dropped':
        logger.error({ rows: event.records, why: event.why }, 'the prediction log dropped its oldest rows');
        return;
      case 'damaged':
        logger.warn({ bytes: event.bytes, segment: event.segment }, 'the prediction log ends in bytes that are no row');
        return;
      case 'unwritable':
        logger.error({ reason: event.error.message }, 'the prediction log cannot be written');
        return;
      case 'writable':
        logger.info('the prediction log is written again');
    }
  }
}

function failureOf(error: Error): ResourceExhausted | Unavailable {
  return error instanceof LogFull
    ? new ResourceExhausted(`the prediction log is full: ${error.message}`, { cause: error })
    : new Unavailable(`the prediction log cannot be written: ${error.message}`, { cause: error });
}
