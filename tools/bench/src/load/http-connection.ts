import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { LoadConnection, Outcome } from './load-connection.ts';

/** POST requests over one kept connection of HTTP/1.1, one at a time. It reads of an answer its status and its length. */
export class HttpConnection implements LoadConnection {
  readonly width = 1;
  readonly #socket: Socket;
  readonly #head: string;
  #done: ((ok: boolean) => void) | undefined;
  #read: Buffer = Buffer.alloc(0);
  #message: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.on('data', (bytes: Buffer) => this.#came(bytes));
    socket.on('close', () => this.#finish(false));
    socket.on('error', () => undefined);
  }

  /** `headers`: further ones of each request. */
  static async open(
    address: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<HttpConnection> {
    const [host, port] = address.split(':');
    const socket = connect({ host: host ?? '', port: Number(port), noDelay: true });
    await once(socket, 'connect');
    const further = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = `POST ${path} HTTP/1.1\r\nhost: ${address}\r\ncontent-type: application/json\r\n${further.join('')}content-length: `;
    return new HttpConnection(socket, head);
  }

  send(body: Uint8Array, done: (outcome: Outcome) => void): void {
    const begunMs = performance.now();
    this.#done = (ok) => done({ ok, message: this.#message, ms: performance.now() - begunMs });
    if (this.#socket.destroyed) queueMicrotask(() => this.#finish(false));
    else this.#socket.write(Buffer.concat([Buffer.from(`${this.#head}${body.length}\r\n\r\n`), body]));
  }

  close(): void {
    this.#socket.destroy();
  }

  #came(bytes: Buffer): void {
    this.#read = this.#read.length === 0 ? bytes : Buffer.concat([this.#read, bytes]);
    const head = this.#read.indexOf('\r\n\r\n');
    if (head < 0) return;
    const text = this.#read.toString('latin1', 0, head);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? NaN);
    // An answer without a length is none that is counted.
    if (!(this.#read.length < head + 4 + length)) {
      this.#message = this.#read.subarray(head + 4);
      this.#read = Buffer.alloc(0);
      this.#finish(Number.isInteger(length) && text.startsWith('HTTP/1.1 200'));
    }
  }

  #finish(ok: boolean): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(ok);
  }
}
