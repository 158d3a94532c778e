import { hash } from 'node:crypto';
import { uuidV7 } from '@adstocrat/event-bus';
import { BadImage } from '@adstocrat/image-codec';
import { InvalidRequest, NotFound } from '@adstocrat/service-kit';
import { routeRequest, type Routing } from '@adstocrat/servables';
import type { ModelTable } from '../models/model-table.ts';
import type { ServedModel } from '../models/served-model.ts';
import type { PredictionLog } from '../log/prediction-log.ts';
import { type RawInput, textsOf } from './raw-input.ts';
import { withPseudonyms } from './pseudonyms.ts';
import { predictionIdsOf } from './prediction-ids.ts';
import { requestRows, rowCount } from './request-rows.ts';
import { predictionIdName } from './wire-names.ts';

export interface PredictCall {
  readonly model: string;
  readonly version?: number;
  readonly label?: string;
  readonly inputs: ReadonlyMap<string, RawInput>;
  /** False keeps the rows out of the prediction log: they were shown to nobody. */
  readonly log: boolean;
  /** True asks for the rows' ids also where they are not logged. */
  readonly wantsIds: boolean;
  /** Aborts when nobody waits for the answer any more: it is not logged then. */
  readonly signal: AbortSignal;
}

export interface Prediction {
  readonly version: number;
  /** One a row, in [0, 1]. */
  readonly scores: Float32Array;
  /** One a row; absent where the rows are not logged and nobody asked. */
  readonly predictionIds?: readonly string[];
}

/** In TensorFlow Serving's words, which its clients look for. */
function notServed(model: string, version: number | undefined): NotFound {
  const wanted = version === undefined ? `Latest(${model})` : `Specific(${model}, ${version})`;
  return new NotFound(`Servable not found for request: ${wanted}`);
}

/** Answers requests, whichever protocol they came over. */
export class Predictor {
  readonly #models: ModelTable;
  readonly #log: PredictionLog;

  constructor(models: ModelTable, log: PredictionLog) {
    this.#models = models;
    this.#log = log;
  }

  /** The columns that a request for the model may name. Throws {@link NotFound}. */
  columnsOf(model: string, version: number | undefined): ReadonlySet<string> {
    return this.#servedOf(model, version).served.columns;
  }

  /**
   * One answer, by one version: a batch goes where its first row's key falls. Throws {@link NotFound} for a model or version that
   * is not there or not loaded yet, {@link InvalidRequest} for a label that points nowhere and for inputs that are wrong, and what
   * {@link PredictionLog.add} throws. Whoever called must send the answer at once: it is logged as served.
   */
  async predict(call: PredictCall): Promise<Prediction> {
    const { model, inputs } = call;
    const { served, routing } = this.#servedOf(model, call.version);
    const rows = rowCount(inputs);
    const tellsIds = call.log || call.wantsIds;
    // Ids that were given are checked in any case.
    const predictionIds = tellsIds || inputs.has(predictionIdName) ? predictionIdsOf(inputs, rows) : [];
    const unit = served.unit === undefined ? undefined : inputs.get(served.unit);
    const stickyKey = (unit === undefined ? null : textsOf(unit)[0]) ?? predictionIds[0] ?? uuidV7();
    const version = routeRequest(model, routing, {
      stickyKey,
      ...(call.version === undefined ? {} : { version: call.version }),
      ...(call.label === undefined ? {} : { label: call.label }),
    });
    if (version === undefined) throw new InvalidRequest(`Unrecognized servable version label: ${call.label ?? ''}`);
    // Nothing is awaited between here and the lease, so the version cannot be unloaded in between.
    const lease = served.lease(version);
    if (lease === undefined) throw notServed(model, version);
    try {
      const request = requestRows(lease.servable, inputs, rows);
      const filled = withPseudonyms(lease.servable.fill(request.batch), lease.servable.manifest.hashed);
      const scores = await lease.servable.score(filled, request.images);
      if (call.log)
        await this.#log.add(
          {
            model,
            version,
            servable: lease.servable,
            batch: filled,
            scores,
            predictionIds,
            ...(request.images === undefined ? {} : { digests: request.images.map(digestOf) }),
          },
          call.signal,
        );
      return tellsIds ? { version, scores, predictionIds } : { version, scores };
    } catch (error) {
      if (error instanceof BadImage) throw new InvalidRequest(`image_bytes: ${error.message}`, { cause: error });
      throw error;
    } finally {
      lease.release();
    }
  }

  #servedOf(model: string, version: number | undefined): { readonly served: ServedModel; readonly routing: Routing } {
    const served = this.#models.get(model);
    // There is no routing while its first version is still loading.
    if (served?.routing === undefined) throw notServed(model, version);
    return { served, routing: served.routing };
  }
}

/** sha256 of the bytes of an image, hex; empty where there is none. */
function digestOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : hash('sha256', bytes);
}
