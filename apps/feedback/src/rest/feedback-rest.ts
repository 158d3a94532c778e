import type { FastifyInstance, FastifyReply } from 'fastify';
import { type EventBus, PermanentFailure } from '@adstocrat/event-bus';
import {
  type Clock,
  InvalidRequest,
  type PredictionKeys,
  ServiceFailure,
  TokenRefused,
  Unavailable,
} from '@adstocrat/service-kit';
import { allowOrigins } from '@adstocrat/service-kit/rest';
import { facts, type FactKind } from '../facts/incoming.ts';
import type { Monitors } from '../grpc/monitors-of.ts';
import { factsAccepted, factsRefused } from '../telemetry.ts';
import { factId, parseFacts, parseSignedFacts, signedFactId } from './facts-body.ts';

export const bodyLimit = 8 * 1024 * 1024;
export const endpoints =
  'POST /v1/clicks, POST /v1/impressions, POST /v1/conversions, the same under /v1/signed, GET /v1/models/NAME/monitors';

/** Longest wait for the bus before a client is told to come again. */
const publishMs = 1500;
const retryAfterS = '2';

export interface FeedbackRestOptions {
  readonly bus: Pick<EventBus, 'publish'>;
  readonly monitors: Monitors;
  /** Origins whose pages may call; `*`: any. */
  readonly origins: readonly string[];
  /** Of the tokens that pages show. */
  readonly keys: PredictionKeys;
  /** The system's: tokens end by it. */
  readonly clock: Pick<Clock, 'nowMs'>;
}

const paths = { click: 'clicks', impression: 'impressions', conversion: 'conversions' } as const;

/** Where web pages say what people did, and where people look at the monitors. */
export function feedbackRest({
  bus,
  monitors,
  origins,
  keys,
  clock,
}: FeedbackRestOptions): (app: FastifyInstance) => void {
  return (app) => {
    allowOrigins(app, {
      origins,
      variable: 'FEEDBACK_ORIGINS',
      methods: 'POST, OPTIONS',
      headers: 'authorization, content-type',
    });
    for (const kind of ['click', 'impression', 'conversion'] as const) {
      const topic = facts[kind].name;
      app.post(`/v1/${paths[kind]}`, ({ body }, reply) =>
        accept(bus, kind, reply, () => {
          const nowMs = Date.now();
          return parseFacts(body).map((fact) => ({ ...fact, id: factId(topic, fact, nowMs) }));
        }),
      );
      app.post(`/v1/signed/${paths[kind]}`, ({ body }, reply) =>
        accept(bus, kind, reply, () =>
          parseSignedFacts(body, keys, clock.nowMs()).map((fact) => ({ ...fact, id: signedFactId(topic, fact) })),
        ),
      );
    }
    app.get('/v1/models/:model/monitors', (request) =>
      monitors.of((request.params as { readonly model: string }).model),
    );
  };
}

/** What was said, under the id of its event. */
interface Said {
  readonly id: string;
  readonly predictionId: string;
  readonly model?: string | undefined;
  readonly eventTimeMs?: number | undefined;
}

/** Answers 202 once the facts are durable on the bus; 503 with Retry-After where it does not take them in time. */
async function accept(
  bus: Pick<EventBus, 'publish'>,
  kind: FactKind,
  reply: FastifyReply,
  read: () => readonly Said[],
): Promise<FastifyReply> {
  try {
    const said = read();
    await publish(bus, kind, said);
    factsAccepted.add(said.length, { kind });
    return reply.code(202).send({ accepted: said.length });
  } catch (error) {
    const reason = reasonOf(error);
    factsRefused.add(1, { kind, reason });
    if (reason === 'unavailable') void reply.header('retry-after', retryAfterS);
    throw error;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TokenRefused) return `token_${error.fault}`;
  if (error instanceof Unavailable) return 'unavailable';
  return error instanceof ServiceFailure ? 'invalid' : 'failed';
}

async function publish(bus: Pick<EventBus, 'publish'>, kind: FactKind, said: readonly Said[]): Promise<void> {
  const list = said.map(({ id, predictionId, model = '', eventTimeMs = 0 }) => ({
    id,
    key: predictionId,
    source: 'feedback-rest',
    event: { predictionId, eventTimeMs, model },
  }));
  try {
    await bus.publish(facts[kind], list, { timeoutMs: publishMs });
  } catch (error) {
    if (error instanceof PermanentFailure) throw new InvalidRequest(error.message, { cause: error });
    throw new Unavailable('the event bus does not take it now: send it again', { cause: error });
  }
}
