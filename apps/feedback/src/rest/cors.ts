import type { FastifyInstance } from 'fastify';

/** What a page of another origin may send. */
const allowed = { methods: 'POST, OPTIONS', headers: 'content-type', seconds: '600' };

/**
 * Lets pages of these origins call (`*`: of any), with credentials of none, and those of the host that is called. A preflight is
 * answered. A page of another origin gets 403: its browser would send a simple request unasked, and refuse it the answer alone.
 * What is no page names no origin.
 */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const any = origins.includes('*');
  app.addHook('onRequest', (request, reply, done) => {
    const { origin, host } = request.headers;
    // An answer for one origin must not be kept for another.
    if (!any) void reply.header('vary', 'origin');
    const known = origin !== undefined && (any || origins.includes(origin));
    if (origin !== undefined && !known && hostOf(origin) !== host) {
      done(new OriginRefused(origin));
      return;
    }
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

class OriginRefused extends Error {
  override readonly name = 'OriginRefused';
  readonly statusCode = 403;

  constructor(origin: string) {
    super(`pages of ${origin.slice(0, 200)} may not call: FEEDBACK_ORIGINS does not name them`);
  }
}

/** Host and port of an origin; undefined for `null` and what is none. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
