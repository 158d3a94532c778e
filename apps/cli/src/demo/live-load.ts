import type { LiveImpression, LiveTraffic } from '@adstocrat/adworld';
import { type Column, columnOf } from '@adstocrat/examples';
import type { Clock } from '@adstocrat/service-kit';
import { askedAgain } from '../system/calls.ts';
import type { Clients } from '../system/clients.ts';
import { inputsOf, predict, stringTensor } from '../system/predict-request.ts';
import { AnsweredRows } from './answered-rows.ts';
import type { ClickSender } from './click-sender.ts';

export interface LiveLoadOptions {
  readonly traffic: LiveTraffic;
  readonly clients: Clients;
  readonly clicks: ClickSender;
  readonly model: string;
  /** The system's. The world's live days begin when the traffic does, and pass on it. */
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

const tickMs = 200;
const rowsPerRequest = 32;
/** Requests in flight, at most: on a machine too slow for the pace, few that are answered rather than many that wait. */
const maxInFlight = 16;
/** People do not wait: what could not be asked for within this wall time is not asked for any more. */
const patienceMs = 1000;
/** Wall milliseconds for which a request is asked again where no server can be reached. */
const answerMs = 10_000;

/**
 * The people of the world: asks for a prediction for every impression when its time has come, and clicks as they will. Where the
 * system or this process is too slow for the pace, the rows that are too old are skipped and counted, never sent later all at once.
 */
export class LiveLoad {
  readonly #options: LiveLoadOptions;
  readonly answered = new AnsweredRows();
  readonly #flying = new Set<Promise<void>>();
  /** What the clock showed when the traffic began. */
  readonly startMs: number;
  /** In the world's time. */
  #sentToMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  requestsSent = 0;
  requestsFailed = 0;
  rowsSent = 0;
  rowsSkipped = 0;
  /** True where the world's live days are over. */
  ended = false;

  constructor(options: LiveLoadOptions) {
    this.#options = options;
    this.startMs = options.clock.nowMs();
    this.#sentToMs = options.traffic.startMs;
    this.#next();
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

  /** The world's time now: its live days begin at {@link startMs}. */
  #worldMs(): number {
    const { traffic, clock } = this.#options;
    return traffic.startMs + clock.nowMs() - this.startMs;
  }

  #tick(): void {
    const { traffic, clock } = this.#options;
    const toMs = Math.min(this.#worldMs(), traffic.endMs);
    this.ended = toMs >= traffic.endMs;
    const fromMs = Math.max(this.#sentToMs, toMs - patienceMs * clock.speed);
    this.rowsSkipped += traffic.rowsBetween(this.#sentToMs, fromMs);
    const { impressions } = traffic.page(fromMs, toMs);
    this.#sentToMs = toMs;
    const taken = Math.min(impressions.length, (maxInFlight - this.#flying.size) * rowsPerRequest);
    this.rowsSkipped += impressions.length - taken;
    for (let from = 0; from < taken; from += rowsPerRequest) {
      const rows = impressions.slice(from, Math.min(taken, from + rowsPerRequest));
      const sending: Promise<void> = this.#send(rows).finally(() => this.#flying.delete(sending));
      this.#flying.add(sending);
    }
  }

  async #send(impressions: readonly LiveImpression[]): Promise<void> {
    const { clients, model, clicks, clock, onFailure } = this.#options;
    const ids = impressions.map(({ id }) => `${model}.${id}`);
    const inputs = inputsOf(columnsOf(impressions));
    inputs.set('prediction_id', stringTensor(ids));
    const images = this.#newImages(impressions);
    if (images !== undefined) inputs.set('image_bytes', stringTensor(images));
    this.requestsSent += 1;
    this.rowsSent += impressions.length;
    try {
      const { version, scores } = await askedAgain(() => predict(clients, model, inputs, { waitForReady: true }), {
        withinMs: answerMs,
      });
      // People see an ad once it is chosen: from then on they may click.
      const seenMs = clock.nowMs();
      for (const [row, { clickDelayMs }] of impressions.entries()) {
        const score = scores[row];
        if (score === undefined || !(score >= 0 && score <= 1))
          throw new Error(`row ${row} was answered ${String(score)}`);
        this.answered.add({ version, timeMs: seenMs, score, label: clickDelayMs === null ? 0 : 1 });
        if (clickDelayMs !== null) clicks.add({ predictionId: ids[row] ?? '', eventTimeMs: seenMs + clickDelayMs });
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

function columnsOf(impressions: readonly LiveImpression[]): ReadonlyMap<string, Column> {
  const columns = new Map<string, Column>();
  for (const name of Object.keys(impressions[0]?.columns ?? {})) {
    const values = impressions.map(({ columns: own }) => own[name] ?? null);
    columns.set(name, columnOf(values.some((value) => typeof value === 'number') ? 'float' : 'string', values));
  }
  return columns;
}
