import type { FastifyInstance, FastifyRequest } from 'fastify';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { ModelTable } from '../models/model-table.ts';
import { answeredIds } from '../infer/answered-ids.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { predictionIdKey, predictionLogKey } from '../infer/names.ts';
import { jsonInputs } from './json-inputs.ts';
import { statusOf } from './version-status.ts';
import { untilClosed } from '../rest/until-closed.ts';
import { inTheirWords } from './words.ts';

/** What a body has beside its `predictions` or `outputs`. */
const predictionIdsName = 'prediction_ids';
export const endpoints = 'see /v1/models/NAME and /v1/models/NAME:predict';

/** TensorFlow Serving's REST: predict and status, by version, by label, or by the split in force. */
export function restRoutes(service: InferenceService, models: ModelTable): (app: FastifyInstance) => void {
  return (app) => {
    // The name ends at the colon, which a route parameter would take in.
    app.post('/v1/models/*', async (request, reply) => {
      const { model, verb, choice } = target(request);
      if (verb !== 'predict') throw malformed(request);
      const asked = asksForIds(request);
      const { format, answer } = await inTheirWords(async () => {
        const { columns } = service.resolve({ model, ...choice }).served;
        const body = jsonInputs(request.body, { columns, limits: service.limits });
        return {
          format: body.format,
          answer: await service.infer({
            model,
            ...choice,
            inputs: body.inputs,
            log: request.headers[predictionLogKey] !== 'off',
            wantsIds: asked,
            signal: untilClosed(reply),
          }),
        };
      });
      const { header, inBody } = answeredIds(answer.predictionIds, asked);
      if (header !== undefined) void reply.header(predictionIdKey, header);
      void reply.header('adstocrat-model-version', String(answer.version));
      const scores = Array.from(answer.scores);
      const body = format === 'row' ? { predictions: scores } : { outputs: scores };
      return inBody ? { ...body, [predictionIdsName]: answer.predictionIds } : body;
    });

    app.get('/v1/models/*', (request) => {
      const { model, choice, verb } = target(request);
      if (verb !== undefined) throw malformed(request);
      return {
        model_version_status: statusOf(models, model, versionOf(models, model, choice)).map(
          ({ version, state, error }) => ({
            version: String(version),
            state: state.toUpperCase(),
            status: { error_code: error === '' ? 'OK' : 'INTERNAL', error_message: error },
          }),
        ),
      };
    });
  };
}

/** The version that a label points at; TensorFlow Serving's words where it points nowhere. */
function versionOf(
  models: ModelTable,
  model: string,
  { version, label }: { readonly version?: number; readonly label?: string },
): number | undefined {
  if (label === undefined) return version;
  const labels = models.get(model)?.routing?.labels ?? {};
  const labelled = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (labelled === undefined) throw new InvalidRequest(`Unrecognized servable version label: ${label}`);
  return labelled;
}

function asksForIds({ query }: FastifyRequest): boolean {
  const { prediction_ids: asked } = query as { readonly prediction_ids?: unknown };
  if (asked !== undefined && asked !== 'body')
    throw new InvalidRequest(`${predictionIdsName} must be "body", got ${JSON.stringify(asked)}`);
  return asked === 'body';
}

function malformed({ method, url }: FastifyRequest): InvalidRequest {
  return new InvalidRequest(`Malformed request: ${method} ${url}`);
}

/** NAME[/versions/V|/labels/L][:verb]. */
function target(request: FastifyRequest): {
  readonly model: string;
  readonly choice: { readonly version?: number; readonly label?: string };
  readonly verb?: string;
} {
  const path = (request.params as { readonly '*': string })['*'];
  const match = /^([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?::(\w+))?$/.exec(path);
  if (match === null) throw malformed(request);
  const [, model = '', version, label, verb] = match;
  const choice = {
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(label === undefined ? {} : { label }),
  };
  return { model, choice, ...(verb === undefined ? {} : { verb }) };
}
