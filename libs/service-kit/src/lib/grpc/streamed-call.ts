import { Duplex } from 'node:stream';
import { asCallStatus, done } from './call-status.ts';
import { frameOf } from './message-frames.ts';
import type { ServedCall } from './served-call.ts';

export interface StreamedCallOptions {
  /** The one request, where these do not stream. */
  readonly request?: unknown;
  readonly encode: (answer: unknown) => Buffer;
  /** There is room for requests again. */
  readonly onRoom?: () => void;
}

/**
 * What a handler that streams knows of its call, a stream as grpc-js's `ServerWritableStream` and `ServerDuplexStream` are. Requests are
 * read from it, answers written to it. Its end is the status OK, an `error` event is any other; `cancelled` says that nobody waits.
 */
export class StreamedCall extends Duplex {
  readonly served: ServedCall;
  readonly request: unknown;
  readonly #encode: (answer: unknown) => Buffer;
  readonly #onRoom: (() => void) | undefined;

  constructor(served: ServedCall, { request, encode, onRoom }: StreamedCallOptions) {
    // As many messages wait as are being made or sent.
    super({ objectMode: true, highWaterMark: 1, autoDestroy: false });
    this.served = served;
    this.request = request;
    this.#encode = encode;
    this.#onRoom = onRoom;
    this.on('error', (status: object) => served.end(asCallStatus(status)));
    served.onCancelled(() => {
      this.emit('cancelled', 'cancelled');
      // Whoever reads requests is not told that these were all.
      this.destroy();
    });
    served.onClosed(() => this.destroy());
  }

  /** There are no more requests. */
  noMore(): void {
    this.push(null);
  }

  override _read(): void {
    this.#onRoom?.();
  }

  /** Throws where a message cannot be encoded. */
  override write(message: unknown, ...rest: never[]): boolean {
    return super.write(frameOf(this.#encode(message)), ...rest);
  }

  override _write(frame: Buffer, _encoding: BufferEncoding, taken: () => void): void {
    this.served.write(frame, taken);
  }

  override _final(taken: () => void): void {
    this.served.end(done);
    taken();
  }
}
