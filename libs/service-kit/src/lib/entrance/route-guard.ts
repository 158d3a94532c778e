import type { FastifyInstance } from 'fastify';
import { callerName } from './caller-name.ts';
import type { Entrance } from './entrance.ts';
import type { LoadShedder, Place } from './load-shedder.ts';
import { noteCaller } from './noted-caller.ts';
import { shedFailure } from './shed-failure.ts';

/**
 * Lets a REST request pass only with the token that its route needs and within what its caller may ask for: before its body is read, and
 * after it is known whether its page may call at all; and a prediction only where it can be answered in time. A route that the table
 * does not know cannot be added.
 */
export function guardRoutes(app: FastifyInstance, entrance: Entrance, shedder?: LoadShedder): void {
  const { access, limits } = entrance;
  const places = new WeakMap<object, Place>();
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) entrance.scopeOfRoute(one, url);
  });
  app.addHook('preParsing', async ({ method, routeOptions, headers, socket }, reply) => {
    // Nothing is there: the answer says so to anyone.
    if (routeOptions.url === undefined) return;
    const scope = entrance.scopeOfRoute(method, routeOptions.url);
    const what = `${method} ${routeOptions.url}`;
    const shed = scope === 'predict' ? shedder : undefined;
    const refusal = shed?.refusal(Infinity);
    if (shed !== undefined && refusal !== undefined) throw shedFailure(refusal, shed.targetMs);
    entrance.refuseElsewhere(scope, what);
    const token = access.admit(headers.authorization, scope, what);
    if (scope === 'health') return;
    const caller = callerName(token, socket.remoteAddress);
    noteCaller(reply.raw, caller);
    const entered = limits.enter(caller);
    const place = shed?.enter();
    if (place !== undefined) places.set(reply.raw, place);
    reply.raw.once('close', () => {
      entered.leave();
      place?.leave(reply.raw.writableFinished);
    });
    entered.take(Number(headers['content-length'] ?? 0));
  });
  if (shedder === undefined) return;
  app.addHook('preValidation', ({ headers }, reply, done) => {
    places.get(reply.raw)?.arrived(Number(headers['content-length'] ?? 0));
    done();
  });
}
