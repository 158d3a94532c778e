import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { status } from '@grpc/grpc-js';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { EventBus } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import { type Resource, ServiceFailure } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { monitorsOf } from '../grpc/feedback-routes.ts';

/** What a page says of a prediction: one, or a list. */
const Seen = z.strictObject({
  predictionId: z.string().min(1).max(512),
  /** Unix milliseconds; the server's clock where it is left out. */
  eventTimeMs: z.number().int().nonnegative().optional(),
});
const Body = z.union([Seen, z.array(Seen).min(1).max(10_000)]);

export interface RestServerOptions {
  readonly host: string;
  readonly port: number;
  readonly pool: Pool;
  readonly bus: EventBus;
  readonly logger: Logger;
}

/** Where web pages say impressions and clicks, and where people look at the monitors. */
export class RestServer implements Resource {
  readonly name = 'rest server';
  readonly #options: RestServerOptions;
  readonly #app: FastifyInstance;

  constructor(options: RestServerOptions) {
    this.#options = options;
    const { pool } = options;
    this.#app = Fastify({ bodyLimit: 8 * 1024 * 1024, forceCloseConnections: 'idle' });
    // The body is JSON whatever the client calls it: `curl -d` says it is a form.
    this.#app.removeAllContentTypeParsers();
    this.#app.addContentTypeParser('*', { parseAs: 'string' }, this.#app.getDefaultJsonParser('error', 'error'));
    this.#app.setErrorHandler((error, _request, reply) => this.#fail(error, reply));
    this.#app.setNotFoundHandler((request, reply) =>
      reply.code(404).send({
        error: `nothing at ${request.method} ${request.url}: POST /v1/clicks, POST /v1/impressions, GET /v1/models/NAME/monitors`,
      }),
    );
    this.#app.post('/v1/clicks', (request, reply) => this.#publish('clickSeen', request.body, reply));
    this.#app.post('/v1/impressions', (request, reply) => this.#publish('impressionSeen', request.body, reply));
    this.#app.get('/v1/models/:model/monitors', (request) =>
      monitorsOf(pool, (request.params as { readonly model: string }).model),
    );
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

  /** Answers 202 once the events are durable on the bus. */
  async #publish(topic: 'clickSeen' | 'impressionSeen', body: unknown, reply: FastifyReply): Promise<FastifyReply> {
    const parsed = Body.safeParse(body);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      return reply.code(400).send({
        error: `{"predictionId": …, "eventTimeMs": …} or a list of such is expected: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
      });
    }
    const seen = Array.isArray(parsed.data) ? parsed.data : [parsed.data];
    await this.#options.bus.publish(
      topics[topic],
      seen.map(({ predictionId, eventTimeMs = Date.now() }) => ({
        ...{ id: `${topics[topic].name}/${predictionId}`, key: predictionId, source: 'feedback-rest' },
        event: { predictionId, eventTimeMs },
      })),
    );
    return reply.code(202).send({ accepted: seen.length });
  }

  #fail(error: unknown, reply: FastifyReply): FastifyReply {
    const { statusCode, message } = error as { readonly statusCode?: number; readonly message: string };
    if (error instanceof ServiceFailure)
      return reply.code(error.code === status.NOT_FOUND ? 404 : 400).send({ error: message });
    if (statusCode !== undefined && statusCode < 500) return reply.code(statusCode).send({ error: message });
    this.#options.logger.error({ err: error }, 'call failed');
    return reply.code(503).send({ error: message });
  }
}
