import { setTimeout as sleep } from 'node:timers/promises';
import { type ServiceError, status } from '@grpc/grpc-js';
import type { LiveImpression, LiveTraffic } from '@adstocrat/adworld';
import type { Column } from '@adstocrat/examples';
import { auc } from '@adstocrat/metrics';
import type { Clients } from '../system/clients.ts';
import { inputsOf, predict, stringTensor } from '../system/predict-request.ts';
import type { ClickSender } from './click-sender.ts';

export interface LiveLoadOptions {
  readonly traffic: LiveTraffic;
  readonly clients: Clients;
  readonly clicks: ClickSender;
  readonly model: string;
  /** Event-time milliseconds per wall millisecond. */
  readonly speed: number;
  readonly onFailure: (error: unknown) => void;
}

const tickMs = 200;
const rowsPerRequest = 32;
/** Requests in flight, at most: what comes on top waits, as a page would. */
const maxInFlight = 64;
/** Answered rows that live figures are taken of: eight minutes of them at the demo's pace. */
const keptRows = 300_000;

/** An answered row, for live figures. */
interface Answered {
  readonly version: number;
  readonly timeMs: number;
  readonly score: number;
  readonly label: number;
}

/** The people of the world: asks for a prediction for every impression, in event time, and clicks as they will. */
export class LiveLoad {
  readonly #options: LiveLoadOptions;
  #answered: Answered[] = [];
  readonly #begunWallMs = performance.now();
  readonly #flying = new Set<Promise<void>>();
  #sentToMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  requestsSent = 0;
  requestsFailed = 0;
  rowsSent = 0;
  /** True where the world's live days are over. */
  ended = false;

  constructor(options: LiveLoadOptions) {
    this.#options = options;
    this.#sentToMs = options.traffic.startMs;
    this.#next();
  }

  /** Event time now, Unix milliseconds. */
  get nowMs(): number {
    return this.#options.traffic.startMs + (performance.now() - this.#begunWallMs) * this.#options.speed;
  }

  /** AUC of the answers of event times in [fromMs, toMs) by these versions (all where none is named); NaN without clicks. */
  aucBetween(fromMs: number, toMs: number, version?: number): { readonly rows: number; readonly auc: number } {
    const rows = this.#answered.filter(
      (row) => row.timeMs >= fromMs && row.timeMs < toMs && (version === undefined || row.version === version),
    );
    return {
      rows: rows.length,
      auc: auc({ scores: rows.map(({ score }) => score), labels: rows.map(({ label }) => label) }),
    };
  }

  /** Sends no more, and waits for the answers that are on their way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await Promise.all(this.#flying);
  }

  #next(): void {
    this.#timer = setTimeout(() => {
      this.#tick();
      if (!this.#stopped && !this.ended) this.#next();
    }, tickMs);
  }

  #tick(): void {
    const { traffic } = this.#options;
    const toMs = Math.min(this.nowMs, traffic.endMs);
    this.ended = toMs >= traffic.endMs;
    if (this.#flying.size > maxInFlight) return;
    const { impressions } = traffic.page(this.#sentToMs, toMs);
    this.#sentToMs = toMs;
    for (let from = 0; from < impressions.length; from += rowsPerRequest) {
      const sending: Promise<void> = this.#send(impressions.slice(from, from + rowsPerRequest)).finally(() =>
        this.#flying.delete(sending),
      );
      this.#flying.add(sending);
    }
  }

  async #send(impressions: readonly LiveImpression[]): Promise<void> {
    const { clients, model, clicks, onFailure } = this.#options;
    const ids = impressions.map(({ id }) => `${model}.${id}`);
    const inputs = inputsOf(columnsOf(impressions));
    inputs['prediction_id'] = stringTensor(ids);
    const images = this.#newImages(impressions);
    if (images !== undefined) inputs['image_bytes'] = stringTensor(images);
    this.requestsSent += 1;
    this.rowsSent += impressions.length;
    try {
      const { version, scores } = await answered(() => predict(clients, model, inputs, { waitForReady: true }));
      for (const [row, { timeMs, clickDelayMs }] of impressions.entries()) {
        const score = scores[row];
        if (score === undefined || !(score >= 0 && score <= 1))
          throw new Error(`row ${row} was answered ${String(score)}`);
        this.#answered.push({ version, timeMs, score, label: clickDelayMs === null ? 0 : 1 });
        if (this.#answered.length > 2 * keptRows) this.#answered = this.#answered.slice(-keptRows);
        if (clickDelayMs !== null) clicks.add({ predictionId: ids[row] ?? '', eventTimeMs: timeMs + clickDelayMs });
      }
    } catch (error) {
      this.requestsFailed += 1;
      onFailure(error);
    }
  }

  /** Ads that were launched after the model's data ended come with their picture: no model has seen it. */
  #newImages(impressions: readonly LiveImpression[]): readonly (Uint8Array | string)[] | undefined {
    const { traffic } = this.#options;
    const isNew = ({ adColumns }: LiveImpression): boolean =>
      Date.parse(String(adColumns['launched_on'])) >= traffic.startMs;
    if (!impressions.some(isNew)) return undefined;
    return impressions.map((impression) => (isNew(impression) ? traffic.image(impression.creativeId) : ''));
  }
}

/**
 * Asks again where the server went away: its connection was cut, or it is being started again. The prediction ids make that safe.
 * What was in flight in a server that was killed is not a failure of the system, an answer that never comes is.
 */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if ((error as Partial<ServiceError>).code !== status.UNAVAILABLE || attempt === 5) throw error;
      await sleep(200 * attempt);
    }
  }
}

function columnsOf(impressions: readonly LiveImpression[]): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  for (const name of Object.keys(impressions[0]?.columns ?? {})) {
    const values = impressions.map(({ columns: own }) => own[name] ?? null);
    columns.set(
      name,
      values.some((value) => typeof value === 'number')
        ? { type: 'float', values: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))) }
        : { type: 'string', values: values.map((value) => (value === null ? null : String(value))) },
    );
  }
  return columns;
}
