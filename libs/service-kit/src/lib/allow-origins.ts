import type { FastifyInstance } from 'fastify';

export interface AllowedOrigins {
  /** Scheme, host and port, as browsers say them; `*`: any. */
  readonly origins: readonly string[];
  /** The environment variable that they came from, for the message about another one. */
  readonly variable: string;
  /** What a page may send: methods and headers, commas between. */
  readonly methods: string;
  readonly headers: string;
  /** Headers of answers that a page may read, beside those that it always may. */
  readonly exposed?: string;
}

/** How long a browser may keep the answer to a preflight. */
const keptSeconds = '600';

/** The environment's list: commas between. */
export function originsIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
}

/**
 * Lets pages of these origins call (`*`: of any), with credentials of none, and those of the host that is called. A preflight is
 * answered. A page of another origin gets 403: its browser would send a simple request unasked, and refuse it the answer alone.
 * What is no page names no origin.
 */
export function allowOrigins(app: FastifyInstance, { origins, variable, ...allowed }: AllowedOrigins): void {
  const any = origins.includes('*');
  app.addHook('onRequest', (request, reply, done) => {
    const { origin, host } = request.headers;
    // An answer for one origin must not be kept for another.
    if (!any) void reply.header('vary', 'origin');
    const known = origin !== undefined && (any || origins.includes(origin));
    if (origin !== undefined && !known && hostOf(origin) !== host) {
      done(new OriginRefused(origin, variable));
      return;
    }
    if (known) void reply.header('access-control-allow-origin', any ? '*' : origin);
    if (known && allowed.exposed !== undefined) void reply.header('access-control-expose-headers', allowed.exposed);
    if (request.method !== 'OPTIONS') {
      done();
      return;
    }
    if (known)
      void reply
        .header('access-control-allow-methods', allowed.methods)
        .header('access-control-allow-headers', allowed.headers)
        .header('access-control-max-age', keptSeconds);
    void reply.code(204).send();
  });
}

class OriginRefused extends Error {
  override readonly name = 'OriginRefused';
  readonly statusCode = 403;

  constructor(origin: string, variable: string) {
    super(`pages of ${origin.slice(0, 200)} may not call: ${variable} does not name them`);
  }
}

/** Host and port of an origin; undefined for `null` and what is none. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
