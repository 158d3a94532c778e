import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { ServerTls } from '../entrance/server-tls.ts';
import { noteConnection } from './connection-facts.ts';

export type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Nothing is limited by connection, which many calls share: requests have limits of their own, callers too, and a status may be long. */
const common = { maxSessionMemory: Number.MAX_SAFE_INTEGER, maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER };

/** Listens for HTTP/2, with TLS or, by prior knowledge, without. */
export class Http2Listener {
  readonly #tls: ServerTls | undefined;
  readonly #onStream: OnStream;
  readonly #servers: (Http2Server | Http2SecureServer)[] = [];
  readonly #sessions = new Set<ServerHttp2Session>();
  /** What is connected, whether it speaks already or not. */
  readonly #sockets = new Set<Socket>();

  constructor(tls: ServerTls | undefined, onStream: OnStream) {
    this.#tls = tls;
    this.#onStream = onStream;
  }

  /** Listens on every address of the host, on one port. 0 takes a free one. Resolves with the port. */
  async open(host: string, port: number): Promise<number> {
    let taken = port;
    let listening = false;
    let missing: unknown;
    for (const { address } of await lookup(host, { all: true })) {
      try {
        taken = await this.#listen(address, taken);
        listening = true;
      } catch (error) {
        if (!isMissing(error)) throw error;
        missing = error;
      }
    }
    if (!listening) throw missing;
    return taken;
  }

  async #listen(host: string, port: number): Promise<number> {
    const server = this.#server();
    server.listen(port, host);
    await once(server, 'listening');
    this.#servers.push(server);
    return (server.address() as AddressInfo).port;
  }

  #server(): Http2Server | Http2SecureServer {
    const server =
      this.#tls === undefined ? createServer(common) : createSecureServer({ ...common, ...this.#tls.options() });
    if (this.#tls !== undefined) this.#tls.follow(server as Http2SecureServer);
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session) => {
      noteConnection(session);
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
    // What ends a connection ends its streams, and these are told.
    server.on('sessionError', () => undefined);
    server.on('stream', this.#onStream);
    return server;
  }

  /** Takes no more connections, and no more calls on those that are open. Resolves once all have ended. */
  async close(): Promise<void> {
    const closing = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const session of this.#sessions) session.close();
    await Promise.all(closing);
  }

  /** Ends what is still open. */
  cut(): void {
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A name may stand for addresses of a kind that the machine does not have. */
function isMissing(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
