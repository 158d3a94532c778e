import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type EventBus, PermanentFailure } from '@adstocrat/event-bus';
import { InvalidRequest, ServiceFailure, Unavailable } from '@adstocrat/service-kit';
import { allowOrigins } from '@adstocrat/service-kit/rest';
import { facts, type FactKind } from '../facts/incoming.ts';
import type { Monitors } from '../grpc/monitors-of.ts';
import { factsAccepted, factsRefused } from '../telemetry.ts';
import { factId, parseFacts } from './facts-body.ts';

export const bodyLimit = 8 * 1024 * 1024;
export const endpoints = 'POST /v1/clicks, POST /v1/impressions, POST /v1/conversions, GET /v1/models/NAME/monitors';

/** Longest wait for the bus before a client is told to come again. */
const publishMs = 1500;
const retryAfterS = '2';

export interface FeedbackRestOptions {
  readonly bus: Pick<EventBus, 'publish'>;
  readonly monitors: Monitors;
  /** Origins whose pages may call; `*`: any. */
  readonly origins: readonly string[];
}

/** Where web pages say what people did, and where people look at the monitors. */
export function feedbackRest({ bus, monitors, origins }: FeedbackRestOptions): (app: FastifyInstance) => void {
  return (app) => {
    allowOrigins(app, {
      origins,
      variable: 'FEEDBACK_ORIGINS',
      methods: 'POST, OPTIONS',
      headers: 'authorization, content-type',
    });
    const paths = { click: '/v1/clicks', impression: '/v1/impressions', conversion: '/v1/conversions' } as const;
    for (const kind of ['click', 'impression', 'conversion'] as const)
      app.post(paths[kind], (request, reply) => accept(bus, kind, request, reply));
    app.get('/v1/models/:model/monitors', (request) =>
      monitors.of((request.params as { readonly model: string }).model),
    );
  };
}

/** Answers 202 once the facts are durable on the bus; 503 with Retry-After where it does not take them in time. */
async function accept(
  bus: Pick<EventBus, 'publish'>,
  kind: FactKind,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  try {
    const said = parseFacts(request.body);
    await publish(bus, kind, said);
    factsAccepted.add(said.length, { kind });
    return reply.code(202).send({ accepted: said.length });
  } catch (error) {
    const reason =
      error instanceof Unavailable ? 'unavailable' : error instanceof ServiceFailure ? 'invalid' : 'failed';
    factsRefused.add(1, { kind, reason });
    if (reason === 'unavailable') void reply.header('retry-after', retryAfterS);
    throw error;
  }
}

async function publish(
  bus: Pick<EventBus, 'publish'>,
  kind: FactKind,
  said: ReturnType<typeof parseFacts>,
): Promise<void> {
  const topic = facts[kind];
  const nowMs = Date.now();
  const list = said.map((fact) => {
    const { predictionId, model = '', eventTimeMs = 0 } = fact;
    const id = factId(topic.name, fact, nowMs);
    return { id, key: predictionId, source: 'feedback-rest', event: { predictionId, eventTimeMs, model } };
  });
  try {
    await bus.publish(topic, list, { timeoutMs: publishMs });
  } catch (error) {
    if (error instanceof PermanentFailure) throw new InvalidRequest(error.message, { cause: error });
    throw new Unavailable('the event bus does not take it now: send it again', { cause: error });
  }
}
