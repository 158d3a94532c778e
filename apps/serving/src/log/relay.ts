import { type EventBus, PermanentFailure, pause } from '@adstocrat/event-bus';
import type { SegmentLog } from '@adstocrat/segment-log';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { encodedPredictionMade, predictionEvent } from './prediction-event.ts';
import type { RefusedRows } from './refused-rows.ts';

/** Rows told at once: what is made of them holds the loop up that answers, 2,000 of 20 columns for 20 to 50 ms. */
const batchRows = 500;
/** Wall milliseconds that news waits for more: fewer, larger batches cost the bus less. */
const gatherMs = 400;
const publishMs = 15_000;
const [firstPauseMs, longestPauseMs] = [100, 5000];

/** Tells the bus what the log holds, at least once, from where it was; waits for as long as the bus is away. */
export class Relay {
  readonly #parts: {
    readonly log: SegmentLog;
    readonly bus: EventBus;
    readonly refused: RefusedRows;
    readonly logger: Logger;
  };
  readonly #stop = new AbortController();
  #draining = false;
  #running: Promise<void> = Promise.resolve();
  #wake = new AbortController();
  /** Rows that the bus took, since the start. */
  relayedRows = 0;

  constructor(parts: { log: SegmentLog; bus: EventBus; refused: RefusedRows; logger: Logger }) {
    this.#parts = parts;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Tells what the log still holds, for `drainMs` wall milliseconds at most, and ends. */
  async stop(drainMs: number, hurry?: AbortSignal): Promise<void> {
    this.#draining = true;
    this.#wake.abort();
    const timer = setTimeout(() => this.#stop.abort(), drainMs);
    const hurried = (): void => this.#stop.abort();
    hurry?.addEventListener('abort', hurried);
    await Promise.race([this.#running, aborted(this.#stop.signal)]);
    clearTimeout(timer);
    hurry?.removeEventListener('abort', hurried);
  }

  async #run(): Promise<void> {
    const { log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const batch = await log.read(batchRows);
        if (batch !== undefined) {
          await this.#tell(batch.records);
          await log.advance(batch);
        } else if (this.#draining) return;
        else await log.waitForNews(this.#wake.signal);
        // Behind the last rows there are few yet: a handful told at once costs the bus nearly as much as a thousand.
        if ((batch?.records.length ?? 0) < batchRows) await pause(gatherMs, this.#wake.signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#parts.logger.error({ err: error }, 'the prediction log cannot be read on');
        await pause(longestPauseMs, signal);
      }
    }
  }

  /** Resolves once the bus has the rows, or will never take them. Throws when told to stop. */
  async #tell(records: readonly Buffer[]): Promise<void> {
    const { logger, refused } = this.#parts;
    const { signal } = this.#stop;
    const refusedBefore = refused.count;
    let failing = false;
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        await this.#publish(records);
        if (failing) logger.info('predictions go on to the bus again');
        const rows = refused.count - refusedBefore;
        if (rows > 0)
          logger.error({ rows, reason: refused.lastReason }, 'the bus refuses predictions, they are set aside');
        return;
      } catch (error) {
        const reason = (error as Error).message;
        if (!failing) logger.warn({ reason }, 'predictions cannot go on to the bus, the log keeps them');
        failing = true;
        await pause(pauseMs, signal);
        signal.throwIfAborted();
      }
    }
  }

  /** What the bus refuses for good is set aside, and stands in no other's way. */
  async #publish(records: readonly Buffer[]): Promise<void> {
    if (records.length === 0) return;
    const { bus, refused } = this.#parts;
    try {
      await bus.publish(encodedPredictionMade, records.map(predictionEvent), { timeoutMs: publishMs });
      this.relayedRows += records.length;
    } catch (error) {
      if (!(error instanceof PermanentFailure)) throw error;
      if (records.length > 1) {
        const at = indexOf(error, records.length);
        await this.#publish(records.slice(0, at.from));
        await this.#publish(records.slice(at.from, at.to));
        await this.#publish(records.slice(at.to));
        return;
      }
      const [record] = records;
      if (record !== undefined) await refused.add(record, error.message);
    }
  }
}

/** The event at fault alone where the bus names it, else the first half. */
function indexOf(error: PermanentFailure, count: number): { readonly from: number; readonly to: number } {
  const { index } = error as { readonly index?: unknown };
  if (typeof index === 'number' && index >= 0 && index < count) return { from: index, to: index + 1 };
  return { from: 0, to: Math.ceil(count / 2) };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
