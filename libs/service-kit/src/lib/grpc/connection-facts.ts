import type { Http2Session } from 'node:http2';

/** Where a connection comes from, and to. */
export interface ConnectionFacts {
  readonly remoteAddress: string | undefined;
  readonly localPort: number | undefined;
}

const known = new WeakMap<Http2Session, ConnectionFacts>();

/** Asked for each call, and the same for all of a connection: its socket is asked once, since it tells nothing any more once it is closed. */
export function connectionFacts(session: Http2Session | undefined): ConnectionFacts {
  if (session === undefined) return { remoteAddress: undefined, localPort: undefined };
  let facts = known.get(session);
  if (facts === undefined) {
    const { remoteAddress, localPort } = session.socket;
    facts = { remoteAddress, localPort };
    known.set(session, facts);
  }
  return facts;
}
