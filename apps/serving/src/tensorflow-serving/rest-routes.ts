import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InvalidRequest } from '@adstocrat/service-kit';
import { answeredIds } from '../infer/answered-ids.ts';
import type { ModelTarget } from '../infer/inference-request.ts';
import { predictionIdKey, predictionLogKey } from '../infer/names.ts';
import { decoded } from '../rest/content-coding.ts';
import { waitingFor } from '../rest/until-closed.ts';
import { metadataJson } from './metadata-json.ts';
import { modelTarget } from './model-target.ts';
import { examplesRest, predictRest, type RestOptions } from './rest-calls.ts';
import { parseRestPath, type RestModel } from './rest-path.ts';
import type { ServedModels } from './served-models.ts';
import { statusOf } from './version-status.ts';

/** What a body has beside its results. */
const predictionIdsName = 'prediction_ids';
export const endpoints = 'see /v1/models/NAME and /v1/models/NAME:predict';

/** TensorFlow Serving's REST: everything under /v1. `bodyLimit`: bytes of a body that is compressed no more. */
export function restRoutes(models: ServedModels, bodyLimit: number): (app: FastifyInstance) => void {
  return (app) => {
    void app.register((scope, _options, done) => {
      // A body is JSON whatever its client calls it, and is read by its own reader.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
      scope.all('/v1/*', (request, reply) => answer(models, bodyLimit, request, reply));
      done();
    });
  };
}

async function answer(
  models: ServedModels,
  bodyLimit: number,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const call = parseRestPath(request.method, request.raw.url?.split('?', 1)[0] ?? '');
  const target = () => targetOf(call.of);
  switch (call.kind) {
    case 'status':
      return statusJson(models, call.of);
    case 'metadata':
      return metadataJson(await models.describe(target()));
    default: {
      const wantsIds = asksForIds(request);
      const options: RestOptions = {
        protocol: 'tensorflow-rest',
        wantsIds,
        log: request.headers[predictionLogKey] !== 'off',
        ...waitingFor(reply),
      };
      const sent = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const bytes = await decoded(sent, request.headers['content-encoding'], bodyLimit);
      const { answer, body } =
        call.kind === 'predict'
          ? await predictRest(models, target, bytes, options)
          : await examplesRest(models, call.kind, target, bytes, options);
      const { header, inBody } = answeredIds(answer.predictionIds, wantsIds);
      if (header !== undefined) void reply.header(predictionIdKey, header);
      void reply.header('adstocrat-model-version', String(answer.version)).type('application/json');
      return body(inBody ? { [predictionIdsName]: answer.predictionIds } : {});
    }
  }
}

function targetOf({ model, version, label }: RestModel): ModelTarget {
  return modelTarget(model, version, label);
}

/** A label is not looked at, as in TensorFlow Serving: all versions come back. */
function statusJson(models: ServedModels, { model, version }: RestModel): unknown {
  return {
    model_version_status: statusOf(models.table, model, version).map((one) => ({
      version: String(one.version),
      state: one.state.toUpperCase(),
      status: { error_code: one.error === '' ? 'OK' : 'INTERNAL', error_message: one.error },
    })),
  };
}

function asksForIds({ query }: FastifyRequest): boolean {
  const { prediction_ids: asked } = query as { readonly prediction_ids?: unknown };
  if (asked !== undefined && asked !== 'body')
    throw new InvalidRequest(`${predictionIdsName} must be "body", got ${JSON.stringify(asked)}`);
  return asked === 'body';
}
