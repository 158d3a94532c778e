import type { Http2Session } from 'node:http2';

/** Where a connection comes from, and to. */
export interface ConnectionFacts {
  readonly remoteAddress: string | undefined;
  readonly localPort: number | undefined;
}

const known = new WeakMap<Http2Session, ConnectionFacts>();

/** Asks a connection while it is open: later its socket tells nothing. */
export function noteConnection(session: Http2Session): void {
  const { remoteAddress, localPort } = session.socket;
  known.set(session, { remoteAddress, localPort });
}

/** The same for all calls of a connection. */
export function connectionFacts(session: Http2Session | undefined): ConnectionFacts {
  return (session && known.get(session)) ?? { remoteAddress: undefined, localPort: undefined };
}
