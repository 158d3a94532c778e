import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { status } from '@grpc/grpc-js';
import { type Resource, InvalidRequest, ServiceFailure } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { predictionIdKey, predictionLogKey } from '../grpc/prediction-routes.ts';
import { statusOf } from '../grpc/model-routes.ts';
import type { ModelTable } from '../models/model-table.ts';
import type { Predictor } from '../predict/predictor.ts';
import { jsonInputs } from './json-inputs.ts';

const httpStatus: Readonly<Partial<Record<status, number>>> = {
  [status.INVALID_ARGUMENT]: 400,
  [status.NOT_FOUND]: 404,
  [status.FAILED_PRECONDITION]: 412,
  [status.UNAVAILABLE]: 503,
  [status.PERMISSION_DENIED]: 403,
};
/** Images as base64 take room. */
const bodyLimit = 64 * 1024 * 1024;

/** TensorFlow Serving's REST: predict and status, by version, by label, or by the split in force. */
export class RestServer implements Resource {
  readonly name = 'rest server';
  readonly #options: RestServerOptions;
  readonly #app: FastifyInstance;

  constructor(options: RestServerOptions) {
    this.#options = options;
    this.#app = Fastify({ bodyLimit, forceCloseConnections: 'idle' });
    // The body is JSON whatever the client calls it: `curl -d` says it is a form.
    this.#app.removeAllContentTypeParsers();
    this.#app.addContentTypeParser('*', { parseAs: 'string' }, this.#app.getDefaultJsonParser('error', 'error'));
    this.#app.setErrorHandler((error, _request, reply) => this.#fail(error, reply));
    this.#app.setNotFoundHandler((request, reply) =>
      reply.code(404).send({
        error: `nothing at ${request.method} ${request.url}: see /v1/models/NAME and /v1/models/NAME:predict`,
      }),
    );
    // The name ends at the colon, which a route parameter would take in.
    this.#app.post('/v1/models/*', (request, reply) => this.#predict(request, reply));
    this.#app.get('/v1/models/*', (request) => this.#status(request));
  }

  get port(): number {
    return (this.#app.server.address() as { readonly port: number } | null)?.port ?? 0;
  }

  async start(): Promise<void> {
    const { host, port, logger } = this.#options;
    try {
      await this.#app.listen({ host, port });
    } catch (error) {
      throw new Error(
        `port ${port} on ${host} cannot be used (${(error as Error).message}): stop what listens there or set REST_PORT`,
        { cause: error },
      );
    }
    logger.info({ host, port: this.port }, 'rest server listens');
  }

  async stop(): Promise<void> {
    await this.#app.close();
  }

  async #predict(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const { model, version, label, verb } = target(request);
    if (verb !== 'predict')
      throw new InvalidRequest(`POST to /v1/models/${model}:predict, got "${verb ?? ''}" after the colon`);
    const { format, inputs } = jsonInputs(request.body);
    const answer = await this.#options.predictor.predict({
      ...{ model, inputs, log: request.headers[predictionLogKey] !== 'off' },
      ...(version === undefined ? {} : { version }),
      ...(label === undefined ? {} : { label }),
    });
    void reply.header(predictionIdKey, answer.predictionIds.join(','));
    void reply.header('adstocrat-model-version', String(answer.version));
    const scores = Array.from(answer.scores);
    return format === 'row' ? { predictions: scores } : { outputs: scores };
  }

  #status(request: FastifyRequest): unknown {
    const { model, version, label } = target(request);
    const found = statusOf(this.#options.models, model, {
      ...(version === undefined ? {} : { version }),
      ...(label === undefined ? {} : { label }),
    });
    return {
      model_version_status: found.map((one) => ({
        version: String(one.version),
        state: one.state.toUpperCase(),
        status: { error_code: one.error === '' ? 'OK' : 'INTERNAL', error_message: one.error },
      })),
    };
  }

  #fail(error: unknown, reply: FastifyReply): FastifyReply {
    if (error instanceof ServiceFailure)
      return reply.code(httpStatus[error.code] ?? 500).send({ error: error.message });
    const { statusCode, message } = error as { readonly statusCode?: number; readonly message: string };
    // What the HTTP layer refused: a body that is no JSON, or too large.
    if (statusCode !== undefined && statusCode < 500) return reply.code(statusCode).send({ error: message });
    this.#options.logger.error({ err: error }, 'call failed');
    return reply.code(500).send({ error: message });
  }
}

export interface RestServerOptions {
  readonly host: string;
  readonly port: number;
  readonly predictor: Predictor;
  readonly models: ModelTable;
  readonly logger: Logger;
}

/** NAME[/versions/V|/labels/L][:verb]. */
function target(request: FastifyRequest): {
  readonly model: string;
  readonly version?: number;
  readonly label?: string;
  readonly verb?: string;
} {
  const path = (request.params as { readonly '*': string })['*'];
  const match = /^([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?::(\w+))?$/.exec(path);
  if (match === null)
    throw new InvalidRequest(
      `/v1/models/${path} is no model: NAME, NAME/versions/N or NAME/labels/LABEL, then :predict`,
    );
  const [, model = '', version, label, verb] = match;
  return {
    model,
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(label === undefined ? {} : { label }),
    ...(verb === undefined ? {} : { verb }),
  };
}
