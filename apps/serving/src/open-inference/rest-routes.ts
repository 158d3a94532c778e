import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { openInference as v2 } from '@adstocrat/schemas';
import { InvalidRequest, NotFound } from '@adstocrat/service-kit';
import { predictionIdKey, predictionLogKey } from '../infer/names.ts';
import { decoded, encoded, wantedCoding } from '../rest/content-coding.ts';
import { waitingFor } from '../rest/until-closed.ts';
import { headerLengthName } from './binary-body.ts';
import type { OpenInferenceOptions } from './grpc-routes.ts';
import { infer } from './infer-call.ts';
import { asJson } from './json-message.ts';
import { jsonRequest } from './json-request.ts';
import type { ControlRequest } from './repository-control.ts';
import { serverMetadata } from './server-metadata.ts';
import { logSettings, refuseChange, traceSettings } from './server-settings.ts';
import { statisticsMessage } from './statistics-view.ts';
import { jsonAnswer } from './wire-answer.ts';

const configEnums = { dataType: v2.DataType, format: v2.ModelInput_Format };

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/** The Open Inference Protocol over REST: everything under /v2. `bodyLimit`: bytes of a body that is compressed no more. */
export function openInferenceRest(options: OpenInferenceOptions, bodyLimit: number): (app: FastifyInstance) => void {
  const { views, control, ready, allStatistics } = options;
  return (app) => {
    // Bodies are bytes, whatever the client calls them: JSON with tensors behind it, perhaps compressed, or nothing.
    void app.register((scope, _options, done) => {
      scope.addHook('onRequest', ({ headers }, _reply, next) => {
        headers['content-type'] = 'application/octet-stream';
        next();
      });
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
      const on = (method: 'GET' | 'POST', path: string, handler: Handler): void => {
        scope.route({ method, url: path, handler: async (request, reply) => handler(request, reply) });
        scope.route({ method: others(method), url: path, handler: (_request, reply) => notAllowed(method, reply) });
      };
      const onModel = (method: 'GET' | 'POST', path: string, handler: Handler): void => {
        on(method, `/v2/models/:model${path}`, handler);
        on(method, `/v2/models/:model/versions/:version${path}`, handler);
      };

      on('GET', '/v2', () => serverMetadata);
      on('GET', '/v2/health/live', () => ({ live: true }));
      on('GET', '/v2/health/ready', (_request, reply) => {
        const isReady = ready();
        return reply.code(isReady ? 200 : 400).send({ ready: isReady });
      });
      onModel('GET', '', (request) => asJson(views.metadata(...modelIn(request))));
      onModel('GET', '/ready', (request, reply) => {
        const [model, version] = modelIn(request);
        const isReady = views.ready(model, version);
        if (!isReady && !views.knows(model)) throw new NotFound(`Request for unknown model: '${model}' is not found`);
        return reply.code(isReady ? 200 : 400).send({ name: model, ready: isReady });
      });
      onModel('GET', '/config', (request) => asJson(views.config(...modelIn(request)), configEnums));
      const stats: Handler = async (request) => {
        const asked = views.versions(...modelIn(request));
        const all = await allStatistics();
        return { model_stats: asked.map((one) => asJson(statisticsMessage(all.of(one.model, one.version)))) };
      };
      on('GET', '/v2/models/stats', stats);
      onModel('GET', '/stats', stats);
      on('POST', '/v2/repository/index', async (request) => views.index(onlyReady(await bodyOf(request, bodyLimit))));
      const settings = (path: string, what: 'trace' | 'log', values: object): void => {
        scope.get(path, () => values);
        scope.post(path, async (request) => {
          refuseChange(what, Object.keys(objectOr(await bodyOf(request, bodyLimit))));
          return values;
        });
      };
      settings('/v2/trace/setting', 'trace', traceSettings);
      settings('/v2/models/:model/trace/setting', 'trace', traceSettings);
      settings('/v2/logging', 'log', logSettings(options.logger.level));
      const controlled = async (request: FastifyRequest): Promise<ControlRequest> => ({
        model: modelIn(request)[0],
        parameters: Object.keys(parametersIn(await bodyOf(request, bodyLimit))),
      });
      on('POST', '/v2/repository/models/:model/load', async (request, reply) => {
        await control.load(await controlled(request));
        return reply.send();
      });
      on('POST', '/v2/repository/models/:model/unload', async (request, reply) => {
        await control.unload(await controlled(request));
        return reply.send();
      });
      onModel('POST', '/infer', async (request, reply) => {
        const [model, version] = modelIn(request);
        const body = await bodyOf(request, bodyLimit);
        const { answer, ids } = await infer(options, {
          protocol: 'v2-rest',
          model,
          version,
          read: (limits, onId) =>
            jsonRequest(model, { body, headerLength: headerOf(request, headerLengthName) }, limits, onId),
          log: headerOf(request, predictionLogKey) !== 'off',
          asksForIds: asksForIds(request),
          ...waitingFor(reply),
        });
        if (ids !== undefined) void reply.header(predictionIdKey, ids);
        return sendAnswer(request, reply, jsonAnswer(answer));
      });
      done();
    });
  };
}

async function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, headerLength }: ReturnType<typeof jsonAnswer>,
): Promise<FastifyReply> {
  void reply.type(headerLength === undefined ? 'application/json' : 'application/octet-stream');
  if (headerLength !== undefined) void reply.header('Inference-Header-Content-Length', String(headerLength));
  const coding = wantedCoding(headerOf(request, 'accept-encoding'), Buffer.byteLength(body));
  if (coding === undefined) return reply.send(body);
  return reply
    .header('Content-Encoding', coding)
    .header('Vary', 'Accept-Encoding')
    .send(await encoded(body, coding));
}

/** The body as it was before it was compressed; empty where there is none. */
function bodyOf(request: FastifyRequest, limit: number): Promise<Buffer> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return decoded(body, headerOf(request, 'content-encoding'), limit);
}

/** Triton's clients send no body at all, or {"ready": true}. */
function onlyReady(body: Buffer): boolean {
  return objectOr(body)['ready'] === true;
}

function parametersIn(body: Buffer): object {
  const { parameters } = objectOr(body);
  return typeof parameters === 'object' && parameters !== null ? parameters : {};
}

/** A JSON object; an empty one for no body. */
function objectOr(body: Buffer): Readonly<Record<string, unknown>> {
  const text = body.toString('utf8').trim();
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidRequest(`failed to parse the request JSON buffer: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null) throw new InvalidRequest('the body must be a JSON object, or empty');
  return value as Readonly<Record<string, unknown>>;
}

function modelIn({ params }: FastifyRequest): [model: string, version: string] {
  const { model = '', version = '' } = params as { readonly model?: string; readonly version?: string };
  return [model, version];
}

function asksForIds({ query }: FastifyRequest): boolean {
  const { prediction_ids: asked } = query as { readonly prediction_ids?: unknown };
  if (asked !== undefined && asked !== 'body')
    throw new InvalidRequest(`prediction_ids must be "body", got ${JSON.stringify(asked).slice(0, 80)}`);
  return asked === 'body';
}

function headerOf({ headers }: FastifyRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function others(method: 'GET' | 'POST'): HTTPMethods[] {
  return method === 'GET' ? ['POST', 'PUT', 'PATCH', 'DELETE'] : ['GET', 'PUT', 'PATCH', 'DELETE'];
}

function notAllowed(method: string, reply: FastifyReply): FastifyReply {
  return reply
    .code(405)
    .header('Allow', method)
    .send({ error: `method not allowed: ${method} is expected` });
}
