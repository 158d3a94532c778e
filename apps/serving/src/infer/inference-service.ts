import { uuidV7 } from '@adstocrat/event-bus';
import { type LoadedServable, TensorModel } from '@adstocrat/inference';
import { routeRequest } from '@adstocrat/servables';
import type { PersonalKeys } from '@adstocrat/service-kit';
import type { PredictionLog } from '../log/prediction-log.ts';
import type { ModelTable } from '../models/model-table.ts';
import { admit, type InferenceLimits, refuseLate } from './admit.ts';
import { AnswerRows } from './answer-rows.ts';
import { NoClickModel, VersionNotAvailable } from './inference-failure.ts';
import { CallerPixels } from './caller-pixels.ts';
import { InferenceMetrics } from './inference-metrics.ts';
import type { InferenceAnswer, InferenceRequest, ModelTarget } from './inference-request.ts';
import { predictionIdName } from './names.ts';
import { PixelBudget } from './pixel-budget.ts';
import { PredictionIds } from './prediction-ids.ts';
import { readColumn } from './read-column.ts';
import { resolve, type ResolvedTarget } from './resolve.ts';

/** Rows read, scored and logged in one go; others get their turn in between. A multiple of what the engine runs at once. */
const sliceRows = 256;

export interface InferenceServiceOptions {
  readonly models: ModelTable;
  readonly log: PredictionLog;
  readonly personalKeys: PersonalKeys;
  readonly limits: InferenceLimits;
  /** Of all images that one caller has in progress. */
  readonly callerPixels: number;
}

/** Answers requests, whichever protocol they came over: admits, routes, scores, logs. */
export class InferenceService {
  readonly #models: ModelTable;
  readonly #log: PredictionLog;
  readonly #metrics: InferenceMetrics;
  readonly #personalKeys: PersonalKeys;
  readonly #callerPixels: CallerPixels;
  readonly limits: InferenceLimits;

  constructor(options: InferenceServiceOptions) {
    this.#models = options.models;
    this.#log = options.log;
    this.#metrics = new InferenceMetrics(options.models);
    this.#personalKeys = options.personalKeys;
    this.#callerPixels = new CallerPixels(options.callerPixels);
    this.limits = options.limits;
  }

  /** What a target is, before its inputs are read. Throws `UnknownModel`, `UnknownLabel` or `VersionNotAvailable`. */
  resolve(target: ModelTarget): ResolvedTarget {
    return resolve(this.#models, target);
  }

  /** As {@link resolve}, of a model whose inputs are columns. Throws `NoClickModel` too: no column explains another's inputs. */
  resolveClicks(target: ModelTarget): ResolvedTarget {
    const resolved = this.resolve(target);
    const { served, routing, version = routing.split[0]?.version } = resolved;
    if (version !== undefined && served.signatureOf(version)?.kind === 'tensors')
      throw new NoClickModel(served.name, version);
    return resolved;
  }

  /**
   * One answer, by one version: a batch goes where its first row's key falls. Throws an `InferenceFailure`, or what
   * `AnswerLog` throws. Whoever called must send the answer at once: it is logged as served.
   */
  async infer(request: InferenceRequest): Promise<InferenceAnswer> {
    const begunMs = performance.now();
    try {
      const answer = await this.#infer(request);
      this.#metrics.answered(request, { ...answer, rows: answer.scores.length }, performance.now() - begunMs);
      return answer;
    } catch (error) {
      this.#metrics.failed(request, error, performance.now() - begunMs);
      throw error;
    }
  }

  async #infer(request: InferenceRequest): Promise<InferenceAnswer> {
    const resolved = this.resolveClicks(request);
    const rows = admit(request, resolved.served, this.limits);
    const tellsIds = request.log || request.wantsIds;
    // Ids that were given are checked in any case.
    const needsIds = tellsIds || request.inputs.has(predictionIdName);
    const ids = needsIds ? new PredictionIds(request.inputs, rows, request.id) : undefined;
    const first = { from: 0, to: Math.min(rows, sliceRows) };
    const firstIds = ids?.next(first) ?? [];
    const { version, servable, release } = this.#lease(request, resolved, firstIds[0]);
    const pixels = new PixelBudget(this.limits.pixels, this.#callerPixels, request.caller);
    try {
      const { model } = request;
      const answer = new AnswerRows({
        request,
        version,
        servable,
        pixels,
        personalKeys: this.#personalKeys,
        log: request.log ? this.#log.begin() : undefined,
      });
      await answer.score(first, firstIds);
      for (let from = sliceRows; from < rows; from += sliceRows) {
        // Others have their turn, and what nobody waits for any more is not gone on with.
        await new Promise(setImmediate);
        refuseLate(request);
        const slice = { from, to: Math.min(rows, from + sliceRows) };
        await answer.score(slice, ids?.next(slice) ?? []);
      }
      // What is late is not served, nor logged as served.
      refuseLate(request);
      const { scores, predictionIds } = await answer.end();
      return tellsIds ? { model, version, scores, predictionIds } : { model, version, scores };
    } finally {
      pixels.end();
      release();
    }
  }

  /** The version that answers, held. Nothing is awaited in between, so that it cannot be unloaded. */
  #lease(
    { model, inputs }: InferenceRequest,
    { served, routing, version: asked }: ResolvedTarget,
    firstId: string | undefined,
  ): { readonly version: number; readonly servable: LoadedServable; readonly release: () => void } {
    const unit = asked !== undefined || served.unit === undefined ? undefined : inputs.get(served.unit);
    const unitText =
      unit === undefined
        ? null
        : readColumn(
            served.unit ?? '',
            'string',
            unit,
            { from: 0, to: Math.min(1, unit.values.length) },
            { personal: true },
          ).values[0];
    const stickyKey = String(unitText ?? firstId ?? uuidV7());
    const version = routeRequest(model, routing, { stickyKey, ...(asked === undefined ? {} : { version: asked }) });
    const lease = version === undefined ? undefined : served.lease(version);
    if (version === undefined || lease === undefined) throw new VersionNotAvailable(model, version, true);
    const { loaded } = lease;
    if (!(loaded instanceof TensorModel)) return { version, servable: loaded, release: () => lease.release() };
    lease.release();
    throw new NoClickModel(model, version);
  }
}
