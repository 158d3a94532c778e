import type { Server as HttpsServer } from 'node:https';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { callFailure } from './call-failure.ts';
import { AccessRefused } from './entrance/access-refused.ts';
import type { Entrance } from './entrance/entrance.ts';
import type { LoadShedder } from './entrance/load-shedder.ts';
import { RetryLater } from './entrance/retry-later.ts';
import { guardRoutes } from './entrance/route-guard.ts';
import { errorText } from './error-text.ts';
import type { Logger } from './logger.ts';
import { countRefused } from './refused-calls.ts';
import type { Resource } from './run-service.ts';
import { ServiceFailure } from './service-error.ts';
import { type StatusCode, statusCode } from './status-code.ts';
import { endOrCut } from './stop-all.ts';

export interface RestServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly logger: Logger;
  /** Who comes in, and how. Absent: plain connections of anyone. */
  readonly entrance?: Entrance;
  /** Refuses predictions that would come too late. Default: none is refused for that. */
  readonly shedder?: LoadShedder;
  /** Largest body, bytes. */
  readonly bodyLimit: number;
  /** Wall milliseconds within which a whole request, headers and body, must be there. Default: 30,000. */
  readonly requestTimeoutMs?: number;
  /** Whether a stop is near: each answer then ends its connection, so that the client opens another, elsewhere. */
  readonly closing?: () => boolean;
  /** What a 404 says of where something is. */
  readonly endpoints: string;
  readonly routes: (app: FastifyInstance) => void;
}

/** As google.rpc maps its codes; INVALID_ARGUMENT and its like are 400, what is not here is 500. */
const httpStatus: Readonly<Partial<Record<StatusCode, number>>> = {
  [statusCode.invalidArgument]: 400,
  [statusCode.failedPrecondition]: 400,
  [statusCode.outOfRange]: 400,
  [statusCode.unauthenticated]: 401,
  [statusCode.permissionDenied]: 403,
  [statusCode.notFound]: 404,
  [statusCode.alreadyExists]: 409,
  [statusCode.aborted]: 409,
  [statusCode.resourceExhausted]: 429,
  [statusCode.cancelled]: 499,
  [statusCode.unimplemented]: 501,
  [statusCode.unavailable]: 503,
  [statusCode.deadlineExceeded]: 504,
};

/** A REST server: JSON in and out, errors as {"error": …} with the HTTP status of the failure's code. */
export class RestServer implements Resource {
  readonly name = 'rest server';
  readonly #options: RestServerOptions;
  readonly #app: FastifyInstance;

  constructor(options: RestServerOptions) {
    this.#options = options;
    const { bodyLimit, requestTimeoutMs = 30_000, entrance } = options;
    const tls = entrance?.tls;
    // Node looks for requests that are late only so often.
    const http = {
      headersTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, requestTimeoutMs),
    };
    this.#app = Fastify({
      bodyLimit,
      requestTimeout: requestTimeoutMs,
      forceCloseConnections: 'idle',
      // What came in before the end is answered, not refused.
      return503OnClosing: false,
      ...(tls === undefined ? { http } : { https: { ...http, ...tls.options() } }),
      routerOptions: { caseSensitive: false },
      frameworkErrors: (error, request, reply) => this.#fail(error, request, reply),
    });
    tls?.follow(this.#app.server as HttpsServer);
    // The body is JSON whatever the client calls it: `curl -d` says it is a form.
    this.#app.removeAllContentTypeParsers();
    this.#app.addContentTypeParser('*', { parseAs: 'string' }, this.#app.getDefaultJsonParser('error', 'error'));
    this.#app.setErrorHandler((error, request, reply) => this.#fail(error, request, reply));
    this.#app.setNotFoundHandler((request, reply) =>
      reply.code(404).send({ error: errorText(`nothing at ${request.method} ${request.url}: ${options.endpoints}`) }),
    );
    // A connection that is closed while its client still sends is reset, and the reset overtakes the answer. What comes after it is
    // read and thrown away, for as long as a request may take.
    this.#app.addHook('onSend', (_request, reply, _payload, done) => {
      if (reply.statusCode === 413) reply.removeHeader('connection');
      done();
    });
    const { closing } = options;
    if (closing !== undefined)
      this.#app.addHook('onRequest', async (_request, reply) => {
        if (closing()) void reply.header('connection', 'close');
      });
    if (entrance !== undefined) guardRoutes(this.#app, entrance, options.shedder);
    options.routes(this.#app);
  }

  /** Port it listens on; 0 before the start. */
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
    logger.info({ host, port: this.port, tls: this.#options.entrance?.tls !== undefined }, 'rest server listens');
  }

  /** Lets calls in progress end, and cuts them once `hurry` aborts (default: after 5 s). */
  async stop(hurry?: AbortSignal): Promise<void> {
    // Right behind the phase of the event loop in which sockets are read: what has come in on a kept connection is no idle one's.
    await new Promise(setImmediate);
    this.#app.server.closeIdleConnections();
    await endOrCut(this.#app.close(), () => this.#app.server.closeAllConnections(), hurry);
  }

  #fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { code, message } = this.#answerTo(error, request);
    countRefused('rest', code);
    if (error instanceof RetryLater) void reply.header('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
    if (error instanceof AccessRefused) void reply.header('www-authenticate', error.challenge);
    return reply.code(code).send({ error: errorText(message) });
  }

  #answerTo(error: unknown, request: FastifyRequest): { readonly code: number; readonly message: string } {
    // A status below 500 is what the HTTP layer refused: a body that is no JSON, or too large.
    const { statusCode = 500, message } = error as { readonly statusCode?: number; readonly message: string };
    if (!(error instanceof ServiceFailure) && statusCode < 500) return { code: statusCode, message };
    const call = `${request.method} ${request.routeOptions?.url ?? ''}`;
    const failure = callFailure(error, call, this.#options.logger);
    return { code: httpStatus[failure.code] ?? 500, message: failure.message };
  }
}
