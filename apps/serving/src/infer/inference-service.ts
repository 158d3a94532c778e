import { hash } from 'node:crypto';
import { uuidV7 } from '@adstocrat/event-bus';
import { BadImage } from '@adstocrat/image-codec';
import { routeRequest } from '@adstocrat/servables';
import type { PredictionLog } from '../log/prediction-log.ts';
import type { ModelTable } from '../models/model-table.ts';
import type { Lease } from '../models/served-model.ts';
import { admit, type InferenceLimits } from './admit.ts';
import { BadInput, VersionNotAvailable } from './inference-failure.ts';
import type { InferenceAnswer, InferenceRequest, ModelTarget } from './inference-request.ts';
import { imageBytesName, predictionIdName } from './names.ts';
import { predictionIdsOf } from './prediction-ids.ts';
import { withPseudonyms } from './pseudonyms.ts';
import { readColumn } from './read-column.ts';
import { requestRows } from './request-rows.ts';
import { resolve, type ResolvedTarget } from './resolve.ts';

/** Answers requests, whichever protocol they came over: admits, routes, scores, logs. */
export class InferenceService {
  readonly #models: ModelTable;
  readonly #log: PredictionLog;
  readonly limits: InferenceLimits;

  constructor(options: { readonly models: ModelTable; readonly log: PredictionLog; readonly limits: InferenceLimits }) {
    this.#models = options.models;
    this.#log = options.log;
    this.limits = options.limits;
  }

  /** What a target is, before its inputs are read. Throws `UnknownModel`, `UnknownLabel` or `VersionNotAvailable`. */
  resolve(target: ModelTarget): ResolvedTarget {
    return resolve(this.#models, target);
  }

  /**
   * One answer, by one version: a batch goes where its first row's key falls. Throws an `InferenceFailure`, or what
   * {@link PredictionLog.add} throws. Whoever called must send the answer at once: it is logged as served.
   */
  async infer(request: InferenceRequest): Promise<InferenceAnswer> {
    const { model, inputs } = request;
    const resolved = this.resolve(request);
    const rows = admit(request, resolved.served.columns, this.limits);
    const tellsIds = request.log || request.wantsIds;
    // Ids that were given are checked in any case.
    const predictionIds = tellsIds || inputs.has(predictionIdName) ? predictionIdsOf(inputs, rows, request.id) : [];
    const { version, lease } = this.#lease(request, resolved, predictionIds[0]);
    try {
      const { batch, images } = requestRows(lease.servable, inputs, rows);
      const filled = withPseudonyms(lease.servable.fill(batch), lease.servable.manifest.hashed);
      const scores = await lease.servable.score(filled, images);
      if (request.log)
        await this.#log.add(
          {
            model,
            version,
            servable: lease.servable,
            batch: filled,
            scores,
            predictionIds,
            ...(images === undefined ? {} : { digests: images.map(digestOf) }),
          },
          request.signal,
        );
      return tellsIds ? { model, version, scores, predictionIds } : { model, version, scores };
    } catch (error) {
      if (error instanceof BadImage) throw new BadInput('value', imageBytesName, error.message);
      throw error;
    } finally {
      lease.release();
    }
  }

  /** The version that answers, held. Nothing is awaited in between, so that it cannot be unloaded. */
  #lease(
    { model, inputs }: InferenceRequest,
    { served, routing, version: asked }: ResolvedTarget,
    firstId: string | undefined,
  ): { readonly version: number; readonly lease: Lease } {
    const unit = asked !== undefined || served.unit === undefined ? undefined : inputs.get(served.unit);
    const unitText =
      unit === undefined
        ? null
        : readColumn(served.unit ?? '', 'string', unit, Math.min(1, unit.values.length)).values[0];
    const stickyKey = String(unitText ?? firstId ?? uuidV7());
    const version = routeRequest(model, routing, { stickyKey, ...(asked === undefined ? {} : { version: asked }) });
    const lease = version === undefined ? undefined : served.lease(version);
    if (version === undefined || lease === undefined) throw new VersionNotAvailable(model, version, true);
    return { version, lease };
  }
}

/** sha256 of the bytes of an image, hex; empty where there is none. */
function digestOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : hash('sha256', bytes);
}
