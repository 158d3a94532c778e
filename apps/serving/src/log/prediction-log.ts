import type { EventBus, OutgoingEvent } from '@adstocrat/event-bus';
import type { Column, ColumnarBatch } from '@adstocrat/examples';
import type { LoadedServable } from '@adstocrat/inference';
import { type events, topics } from '@adstocrat/schemas';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { timeAt } from '@adstocrat/transforms';

/** Rows of one answer. */
export interface AnsweredRows {
  readonly model: string;
  readonly version: number;
  readonly servable: LoadedServable;
  /** As served: lookup tables have filled what the request left out. */
  readonly batch: ColumnarBatch;
  readonly scores: Float32Array;
  readonly predictionIds: readonly string[];
  /** sha256 hex of the image bytes sent with each row, or empty. */
  readonly digests?: readonly string[];
}

const flushRows = 500;
const flushMs = 50;
const keptRows = 50_000;

/**
 * Says each answered row as `prediction.made`, behind the answers: no request waits for the bus. While the bus is away rows are
 * kept, {@link keptRows} at most; then the oldest are dropped, counted and told.
 */
export class PredictionLog {
  readonly #bus: EventBus;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  #waiting: OutgoingEvent<events.PredictionMade>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #publishing: Promise<void> | undefined;
  #failing = false;
  #stopped = false;
  /** Rows that were dropped because the bus was away for too long. */
  dropped = 0;

  constructor(bus: EventBus, logger: Logger, nowMs: () => number) {
    this.#bus = bus;
    this.#logger = logger;
    this.#nowMs = nowMs;
  }

  add(rows: AnsweredRows): void {
    const servedAtMs = this.#nowMs();
    for (const [row, predictionId] of rows.predictionIds.entries()) {
      const event = eventOf(rows, row, predictionId, servedAtMs);
      this.#waiting.push({
        id: `prediction.made/${predictionId}`,
        key: predictionId,
        source: 'serving',
        timeMs: servedAtMs,
        event,
      });
    }
    if (this.#waiting.length > keptRows) {
      const dropped = this.#waiting.length - keptRows;
      this.#waiting = this.#waiting.slice(dropped);
      this.dropped += dropped;
      this.#logger.warn({ dropped, droppedInAll: this.dropped }, 'prediction log is full, the oldest rows are dropped');
    }
    if (this.#waiting.length >= flushRows) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  /** Says what is waiting, for as long as the bus takes it. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped = true;
    await this.#publishing;
    if (this.#waiting.length > 0) await this.#publish().catch(() => undefined);
    if (this.#waiting.length > 0) this.#logger.warn({ rows: this.#waiting.length }, 'predictions were not logged');
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#publishing ??= this.#publishAll().finally(() => {
      this.#publishing = undefined;
    });
  }

  async #publishAll(): Promise<void> {
    for (let pauseMs = 100; this.#waiting.length > 0 && !this.#stopped;) {
      try {
        await this.#publish();
        if (this.#failing) this.#logger.info('predictions are logged again');
        this.#failing = false;
        pauseMs = 100;
      } catch (error) {
        if (!this.#failing)
          this.#logger.warn({ reason: (error as Error).message }, 'predictions cannot be logged, they are kept');
        this.#failing = true;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
        pauseMs = Math.min(5000, pauseMs * 2);
      }
    }
  }

  async #publish(): Promise<void> {
    const batch = this.#waiting.slice(0, flushRows);
    await this.#bus.publish(topics.predictionMade, batch);
    const said = new Set(batch);
    // Rows may have been dropped from the front meanwhile.
    this.#waiting = this.#waiting.filter((event) => !said.has(event));
  }
}

function eventOf(rows: AnsweredRows, row: number, predictionId: string, servedAtMs: number): events.PredictionMade {
  const { servable, batch, model, version } = rows;
  const features: Record<string, events.FeatureValue> = {};
  for (const { name, role } of servable.schema.columns) {
    if (role !== 'feature' && role !== 'image' && role !== 'eventTime') continue;
    const value = featureOf(batch.columns.get(name), row);
    if (value !== undefined) features[name] = value;
  }
  const { eventTime } = servable.manifest.roles;
  const eventTimeMs = eventTime === undefined ? NaN : timeAt(batch.columns.get(eventTime), row);
  return {
    predictionId,
    model,
    version,
    score: rows.scores[row] ?? 0,
    features,
    servedAtMs,
    eventTimeMs: Number.isNaN(eventTimeMs) ? servedAtMs : eventTimeMs,
    imageDigest: rows.digests?.[row] ?? '',
  };
}

function featureOf(column: Column | undefined, row: number): events.FeatureValue | undefined {
  const value = column?.values[row];
  if (value == null || value === '' || Number.isNaN(value)) return undefined;
  if (typeof value === 'string') return { text: value };
  return column?.type === 'integer' && Number.isSafeInteger(value) ? { integer: value } : { number: value };
}
