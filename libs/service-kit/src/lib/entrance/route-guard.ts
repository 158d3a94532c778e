import type { FastifyInstance } from 'fastify';
import { callerName } from './caller-name.ts';
import type { Entrance } from './entrance.ts';

/**
 * Lets a REST request pass only with the token that its route needs and within what its caller may ask for: before its body is read, and
 * after it is known whether its page may call at all. A route that the table does not know cannot be added.
 */
export function guardRoutes(app: FastifyInstance, entrance: Entrance): void {
  const { access, limits } = entrance;
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) entrance.scopeOfRoute(one, url);
  });
  app.addHook('preParsing', async ({ method, routeOptions, headers, socket }, reply) => {
    // Nothing is there: the answer says so to anyone.
    if (routeOptions.url === undefined) return;
    const scope = entrance.scopeOfRoute(method, routeOptions.url);
    const what = `${method} ${routeOptions.url}`;
    entrance.refuseElsewhere(scope, what);
    const token = access.admit(headers.authorization, scope, what);
    if (scope === 'health') return;
    const entered = limits.enter(callerName(token, socket.remoteAddress));
    reply.raw.once('close', () => entered.leave());
    entered.take(Number(headers['content-length'] ?? 0));
  });
}
