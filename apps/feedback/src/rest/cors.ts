import type { FastifyInstance } from 'fastify';

/** What a page of another origin may send. */
const allowed = { methods: 'POST, OPTIONS', headers: 'content-type', seconds: '600' };

/**
 * Lets pages of these origins call (`*`: of any), with credentials of none. A preflight is answered; one of another origin, and every
 * answer to it, goes without the headers, so that its browser refuses.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const any = origins.includes('*');
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    // An answer for one origin must not be kept for another.
    if (!any && origins.length > 0) void reply.header('vary', 'origin');
    const known = origin !== undefined && (any || origins.includes(origin));
    if (known) void reply.header('access-control-allow-origin', any ? '*' : origin);
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    if (known)
      void reply
        .header('access-control-allow-methods', allowed.methods)
        .header('access-control-allow-headers', allowed.headers)
        .header('access-control-max-age', allowed.seconds);
    void reply.code(204).send();
  });
}
