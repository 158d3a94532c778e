import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Pool } from 'pg';
import { z } from 'zod';
import type { EventBus } from '@adstocrat/event-bus';
import { topics } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import { monitorsOf } from '../grpc/feedback-routes.ts';

/** What a page says of a prediction: one, or a list. */
const Seen = z.strictObject({
  predictionId: z.string().min(1).max(512),
  /** Unix milliseconds; the server's clock where it is left out. */
  eventTimeMs: z.number().int().nonnegative().optional(),
});
const Body = z.union([Seen, z.array(Seen).min(1).max(10_000)]);

export const bodyLimit = 8 * 1024 * 1024;
export const endpoints = 'POST /v1/clicks, POST /v1/impressions, GET /v1/models/NAME/monitors';

/** Where web pages say impressions and clicks, and where people look at the monitors. */
export function feedbackRest(pool: Pool, bus: EventBus): (app: FastifyInstance) => void {
  return (app) => {
    app.post('/v1/clicks', (request, reply) => publish(bus, 'clickSeen', request.body, reply));
    app.post('/v1/impressions', (request, reply) => publish(bus, 'impressionSeen', request.body, reply));
    app.get('/v1/models/:model/monitors', (request) =>
      monitorsOf(pool, (request.params as { readonly model: string }).model),
    );
  };
}

/** Answers 202 once the events are durable on the bus. The same prediction clicked twice is one event. */
async function publish(
  bus: EventBus,
  topic: 'clickSeen' | 'impressionSeen',
  body: unknown,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const parsed = Body.safeParse(body);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0] ?? { path: [], message: '' };
    throw new InvalidRequest(
      `{"predictionId": …, "eventTimeMs": …} or a list of such is expected: ${path.join('.')} ${message}`,
    );
  }
  const seen = Array.isArray(parsed.data) ? parsed.data : [parsed.data];
  await bus.publish(
    topics[topic],
    seen.map(({ predictionId, eventTimeMs = Date.now() }) => ({
      id: `${topics[topic].name}/${predictionId}`,
      key: predictionId,
      source: 'feedback-rest',
      event: { predictionId, eventTimeMs },
    })),
  );
  return reply.code(202).send({ accepted: seen.length });
}
