import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import {
  constants,
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

type Server = Http2Server | Http2SecureServer;

/** Nothing is limited by connection, which many calls share: requests have limits of their own, callers too, and a status may be long. */
const common = {
  /**
   * A host that vanished says nothing, and a connection without calls asks nothing of it: the kernel does after this many milliseconds of
   * silence, ten times a second apart, and then the connection ends.
   */
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  maxSessionMemory: Number.MAX_SAFE_INTEGER,
  maxSendHeaderBlockLength: Number.MAX_SAFE_INTEGER,
  /**
   * Calls of a connection that may be cancelled, at once and a second. Node lets it be 1000 and 33, then ends the connection with all its
   * other calls: clients of tight deadlines cancel more than that.
   */
  streamResetBurst: 100_000,
  streamResetRate: 10_000,
  /** Of the whole life of a connection; DATA without bytes, which HTTP/2 allows, is among them. Node lets it be 1000. */
  maxSessionInvalidFrames: 2 ** 32 - 1,
};

/** Listens for HTTP/2, with TLS or, by prior knowledge, without. */
export class Http2Listener {
  readonly #tls: ServerTls | undefined;
  readonly #onStream: OnStream;
  readonly #servers: Server[] = [];
  readonly #sessions = new Set<ServerHttp2Session>();
  /** What is connected, whether it speaks already or not. */
  readonly #sockets = new Set<Socket>();
  #closing = false;

  constructor(tls: ServerTls | undefined, onStream: OnStream) {
    this.#tls = tls;
    this.#onStream = onStream;
  }

  /** Listens on every address of the host, on one port. 0 takes a free one. Resolves with the port. */
  async open(host: string, port: number): Promise<number> {
    const addresses = new Set((await lookup(host, { all: true })).map(({ address }) => address));
    const opened: Server[] = [];
    let missing: unknown;
    for (const address of addresses) {
      try {
        opened.push(await this.#listen(address, portOf(opened[0]) ?? port));
      } catch (error) {
        // A name may stand for addresses of a kind that the machine does not have.
        if (!isMissing(error)) {
          for (const server of opened) server.close();
          throw error;
        }
        missing = error;
      }
    }
    const taken = portOf(opened[0]);
    if (taken === undefined) throw missing;
    this.#servers.push(...opened);
    // It may have been told to while it looked.
    if (this.#closing) await this.close();
    return taken;
  }

  async #listen(host: string, port: number): Promise<Server> {
    const server = this.#server();
    server.listen(port, host);
    await once(server, 'listening');
    this.#tls?.follow(server as Http2SecureServer);
    return server;
  }

  #server(): Server {
    const server =
      this.#tls === undefined ? createServer(common) : createSecureServer({ ...common, ...this.#tls.options() });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session) => {
      noteConnection(session);
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
      session.once('goaway', () => endIfSilent(session));
    });
    // What ends a connection ends its streams, and these are told.
    server.on('sessionError', () => undefined);
    server.on('stream', this.#onStream);
    return server;
  }

  /** Takes no more connections, and no more calls on those that are open. Resolves once all have ended. */
  async close(): Promise<void> {
    this.#closing = true;
    const closing = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    for (const session of this.#sessions) session.close();
    await Promise.all(closing);
  }

  /** Ends what is still open: calls are CANCELLED for their clients. */
  cut(): void {
    for (const session of this.#sessions) session.destroy(undefined, constants.NGHTTP2_CANCEL);
    for (const socket of this.#sockets) socket.destroy();
  }
}

function portOf(server: Server | undefined): number | undefined {
  return (server?.address() as AddressInfo | null | undefined)?.port;
}

function isMissing(error: unknown): boolean {
  return ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Wall milliseconds between two pings of a connection that its client has given notice of. */
const pingMs = 10_000;

/** What is wrong on a connection after its client's GOAWAY, its end too, is not told by Node: it must answer, or it is ended with its calls. */
function endIfSilent(session: ServerHttp2Session): void {
  let answered = true;
  const pinging = setInterval(() => {
    if (!answered || session.destroyed) session.destroy(undefined, constants.NGHTTP2_CANCEL);
    else {
      answered = false;
      session.ping((error) => (answered = error === null));
    }
  }, pingMs).unref();
  session.once('close', () => clearInterval(pinging));
}
