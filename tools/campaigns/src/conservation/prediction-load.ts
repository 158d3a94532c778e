import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import type { Random } from '@adstocrat/adworld';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { ServiceProcess } from '../ground/service-process.ts';
import type { ClickLoad } from './click-load.ts';
import { clickBefore, clicksOf, type ClickTimes } from './clicks.ts';
import { models } from './first-models.ts';
import type { Plan } from './plan.ts';
import { NotAnswered, predictByGrpc, predictByRest, type PredictRequest } from './predict-call.ts';
import { predictionId, randomRow } from './rows.ts';
import type { AnsweredRequest, SentLog } from './sent-log.ts';
import type { SystemClock } from './system-clock.ts';
import { Tally } from '../tally.ts';

export interface PredictionLoadOptions {
  readonly plan: Plan;
  readonly random: Random;
  readonly clock: SystemClock;
  readonly serving: readonly ServiceProcess[];
  readonly clicks: ClickLoad;
  readonly clickTimes: ClickTimes;
  readonly answered: SentLog<AnsweredRequest>;
}

const maxFlying = 48;
const pauseMs = 200;
/** How long one request is tried again before it counts as failed. */
const patienceMs = 300_000;

/** Asks for predictions at an even pace, in turn of every instance, again with the same ids until each is answered. */
export class PredictionLoad {
  readonly #options: PredictionLoadOptions;
  readonly #clients: readonly tfs.PredictionServiceClient[];
  readonly #flying = new Set<Promise<void>>();
  #rows = 0;
  #turn = 0;
  requests = 0;
  rowsAnswered = 0;
  /** Attempts that got no answer, by reason. */
  readonly retries = new Tally();
  /** Requests that were never answered, and why. */
  readonly failed: string[] = [];

  constructor(options: PredictionLoadOptions) {
    this.#options = options;
    this.#clients = options.serving.map(
      ({ address }) =>
        new tfs.PredictionServiceClient(address, credentials.createInsecure(), {
          'grpc.initial_reconnect_backoff_ms': 100,
          'grpc.max_reconnect_backoff_ms': 1000,
        }),
    );
  }

  /** Rows asked for so far. */
  get rowsAsked(): number {
    return this.#rows;
  }

  /** Asks for all rows of the plan, and for a trickle after them until `faultsOver`. Resolves once every one is answered or given up. */
  async run(faultsOver: AbortSignal): Promise<void> {
    const { predictions, loadS } = this.#options.plan;
    const rowsPerMs = predictions / (loadS * 1000);
    for (let [due, lastMs] = [0, performance.now()]; this.#rows < predictions || !faultsOver.aborted;) {
      const nowMs = performance.now();
      due += (nowMs - lastMs) * (this.#rows < predictions ? rowsPerMs : rowsPerMs / 20);
      lastMs = nowMs;
      // What a busy machine did not ask for in time is not asked for all at once.
      due = Math.min(due, this.#rows + 1000);
      while (this.#rows < due && this.#flying.size < maxFlying) this.#ask();
      await sleep(10);
    }
    await Promise.all(this.#flying);
    for (const client of this.#clients) client.close();
  }

  #ask(): void {
    const { plan, random } = this.#options;
    const size = plan.batches[random.below(plan.batches.length)] ?? 1;
    const rows = Array.from({ length: size }, () => randomRow(random));
    const first = this.#rows;
    const byServer = random.below(10) === 0;
    const ids = byServer ? undefined : rows.map((_, row) => predictionId(random, plan.seed, first + row));
    const both = !byServer && random.below(10) === 0;
    const asked = both ? models : [models[random.below(3) === 0 ? 1 : 0]];
    for (const model of asked) {
      const request = ids === undefined ? { model, rows } : { model, rows, ids };
      const asking: Promise<void> = this.#answer(request, both).finally(() => this.#flying.delete(asking));
      this.#flying.add(asking);
      this.#rows += size;
    }
  }

  async #answer(request: PredictRequest, bothModels: boolean): Promise<void> {
    const { clock, clicks, clickTimes, random, plan, answered } = this.#options;
    const { model } = request;
    this.requests += 1;
    for (const id of request.ids ?? [])
      if (random.uniform() < plan.clickShare / 20) clicks.add([clickBefore(id, clock.nowMs())]);
    const overRest = random.below(8) === 0;
    const begunMs = performance.now();
    for (let failedAttempts = 0; ; failedAttempts += 1) {
      try {
        const ids = await this.#attempt(request, overRest);
        answered.add({ model, ids, idsBy: request.ids === undefined ? 'server' : 'client', failedAttempts });
        this.rowsAnswered += ids.length;
        const otherModel = model === models[0] ? models[1] : models[0];
        const answeredMs = clock.nowMs();
        for (const id of ids) {
          if (random.uniform() >= plan.clickShare) continue;
          clicks.add(clicksOf({ predictionId: id, model, otherModel, bothModels, answeredMs }, clickTimes, random));
        }
        return;
      } catch (error) {
        if (!(error instanceof NotAnswered) || performance.now() - begunMs > patienceMs) {
          this.failed.push(`${request.rows.length} rows of ${model}: ${(error as Error).message}`);
          return;
        }
        this.retries.add(error.message);
        await sleep(pauseMs);
      }
    }
  }

  #attempt(request: PredictRequest, overRest: boolean): Promise<readonly string[]> {
    const turn = (this.#turn += 1) % this.#clients.length;
    const [client, service] = [this.#clients[turn], this.#options.serving[turn]];
    if (client === undefined || service === undefined) throw new RangeError('no serving instance to ask');
    return overRest ? predictByRest(service.restUrl, request) : predictByGrpc(client, request);
  }
}
