import { callerOf } from '@adstocrat/service-kit';
import type { FastifyReply } from 'fastify';

/** Aborts when the connection closes before the answer is written. */
function untilClosed(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableEnded) controller.abort();
  });
  return controller.signal;
}

/** Who waits for an answer, and for how long. */
export function waitingFor(reply: FastifyReply): { readonly caller: string; readonly signal: AbortSignal } {
  return { caller: callerOf(reply.raw), signal: untilClosed(reply) };
}
