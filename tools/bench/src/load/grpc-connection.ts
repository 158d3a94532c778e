import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { callHeaders, encodeFrame, flag, frame, preface, settings, uint32 } from './http2-frames.ts';
import type { LoadConnection, Outcome } from './load-connection.ts';

interface Call {
  readonly begunMs: number;
  readonly done: (outcome: Outcome) => void;
  /** Of its first frame, behind the five bytes before a message. */
  message: Uint8Array | undefined;
}

const none = new Uint8Array();
/** Most bytes of a frame that every server takes. */
const maxFrameBytes = 16_384;

/**
 * Unary gRPC calls of one method over one connection, as many at once as one likes, as one channel of a stock client makes them. It
 * reads of an answer whether it has a message. A message must fit into the server's first window, 65,535 bytes.
 */
export class GrpcConnection implements LoadConnection {
  readonly width: number;
  readonly #socket: Socket;
  readonly #headers: { readonly first: Buffer; readonly next: Buffer };
  readonly #calls = new Map<number, Call>();
  /** Calls that wait until the server takes more bytes on this connection. */
  readonly #waiting: { readonly body: Uint8Array; readonly call: Call }[] = [];
  #window = 65_535;
  #nextStream = 1;
  #written: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, headers: { readonly first: Buffer; readonly next: Buffer }, width: number) {
    this.#socket = socket;
    this.#headers = headers;
    this.width = width;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('close', () => this.#end());
    socket.on('error', () => undefined);
    this.#write(preface);
    this.#write(encodeFrame(frame.settings, 0, 0, settings()));
    this.#write(encodeFrame(frame.windowUpdate, 0, 0, uint32(0x7fff_0000)));
  }

  /** `headers`: further ones of each call, by names in lower case. */
  static async open(
    address: string,
    path: string,
    width: number,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<GrpcConnection> {
    const [host, port] = address.split(':');
    const socket = connect({ host: host ?? '', port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return new GrpcConnection(socket, callHeaders(address, path, headers), width);
  }

  send(body: Uint8Array, done: (outcome: Outcome) => void): void {
    const call = { begunMs: performance.now(), done, message: undefined };
    if (this.#socket.destroyed) queueMicrotask(() => finish(call, false));
    else if (body.length + 5 > this.#window) this.#waiting.push({ body, call });
    else this.#call(body, call);
  }

  close(): void {
    this.#socket.destroy();
  }

  #call(body: Uint8Array, call: Call): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#calls.set(stream, call);
    this.#window -= body.length + 5;
    this.#write(
      encodeFrame(frame.headers, flag.endHeaders, stream, stream === 1 ? this.#headers.first : this.#headers.next),
    );
    const message = Buffer.concat([Buffer.of(0), uint32(body.length), body]);
    for (let at = 0; at < message.length; at += maxFrameBytes) {
      const last = at + maxFrameBytes >= message.length;
      this.#write(encodeFrame(frame.data, last ? flag.endStream : 0, stream, message.subarray(at, at + maxFrameBytes)));
    }
  }

  /** What is written in one turn goes in one piece. */
  #write(bytes: Buffer): void {
    if (this.#written.push(bytes) > 1) return;
    setImmediate(() => {
      this.#socket.write(Buffer.concat(this.#written));
      this.#written = [];
    });
  }

  #read(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (at + 9 <= all.length) {
      const end = at + 9 + all.readUIntBE(at, 3);
      if (end > all.length) break;
      this.#frame(all[at + 3] ?? 0, all[at + 4] ?? 0, all.readUInt32BE(at + 5), all.subarray(at + 9, end));
      at = end;
    }
    this.#rest = all.subarray(at);
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): void {
    const call = this.#calls.get(stream);
    if (type === frame.data && payload.length > 0 && call !== undefined) call.message ??= payload.subarray(5);
    if ((type === frame.data || type === frame.headers) && (flags & flag.endStream) !== 0)
      this.#finish(stream, call?.message !== undefined);
    else if (type === frame.resetStream) this.#finish(stream, false);
    else if (type === frame.goAway) this.#socket.destroy();
    else if (type === frame.settings && (flags & flag.ack) === 0)
      this.#write(encodeFrame(frame.settings, flag.ack, 0, Buffer.alloc(0)));
    else if (type === frame.ping && (flags & flag.ack) === 0)
      this.#write(encodeFrame(frame.ping, flag.ack, 0, payload));
    else if (type === frame.windowUpdate && stream === 0) this.#opened(payload.readUInt32BE());
  }

  #opened(bytes: number): void {
    this.#window += bytes;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (next.body.length + 5 > this.#window) return;
      this.#waiting.shift();
      this.#call(next.body, next.call);
    }
  }

  #finish(stream: number, ok: boolean): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    this.#calls.delete(stream);
    finish(call, ok);
  }

  #end(): void {
    for (const stream of [...this.#calls.keys()]) this.#finish(stream, false);
    for (const { call } of this.#waiting.splice(0)) finish(call, false);
  }
}

function finish({ begunMs, done, message = none }: Call, ok: boolean): void {
  done({ ok, message, ms: performance.now() - begunMs });
}
