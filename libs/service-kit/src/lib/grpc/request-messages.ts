import type { ServerHttp2Stream } from 'node:http2';
import { ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';
import type { CallStatus } from './call-status.ts';
import { decompressed } from './decompress.ts';
import { type Framed, MessageFrames } from './message-frames.ts';
import type { ServedCall } from './served-call.ts';

/** Who takes the messages of a call. What it throws ends the call. */
export interface MessageTaker {
  /** A message, as it was encoded. Returns whether it may be followed at once; where not, {@link RequestMessages.resume} asks for more. */
  message(bytes: Buffer): boolean;
  /** There are no more. */
  end(): void;
  /** What a call ends with that failed. */
  failed(error: unknown): CallStatus;
}

/** Reads a call's messages, in order, no faster than they are taken. */
export class RequestMessages {
  readonly #stream: ServerHttp2Stream;
  readonly #call: ServedCall;
  readonly #taker: MessageTaker;
  readonly #maxBytes: number;
  /** Ends once what came so far is taken; undefined where nothing is waited for. */
  #before: Promise<void> | undefined;
  #full = false;

  /** `maxBytes`: of a message, before and after it is decompressed. */
  constructor(stream: ServerHttp2Stream, call: ServedCall, maxBytes: number, taker: MessageTaker) {
    this.#stream = stream;
    this.#call = call;
    this.#taker = taker;
    this.#maxBytes = maxBytes;
    const frames = new MessageFrames(maxBytes);
    stream.on('data', (chunk: Buffer) => {
      if (!call.ended) this.#guarded(() => frames.take(chunk).forEach((framed) => this.#take(framed)));
    });
    stream.once('end', () =>
      this.#inTurn(() => {
        if (frames.isWithin) throw new ServiceFailure(statusCode.internal, 'the request ends within a message');
        taker.end();
      }),
    );
  }

  /** There is room again. */
  resume(): void {
    this.#full = false;
    this.#flow();
  }

  #take({ compressed, bytes }: Framed): void {
    if (!compressed) {
      this.#inTurn(() => this.#message(bytes));
      return;
    }
    const coming = decompressed(bytes, this.#call.header('grpc-encoding'), this.#maxBytes);
    // It is waited for in its turn.
    coming.catch(() => undefined);
    this.#inTurn(async () => this.#message(await coming));
  }

  #message(bytes: Buffer): void {
    if (this.#call.ended || this.#taker.message(bytes)) return;
    this.#full = true;
    this.#flow();
  }

  /** At once where nothing is waited for: what came in one piece is taken in one go. */
  #inTurn(does: () => void | Promise<void>): void {
    const ends = this.#before === undefined ? this.#guarded(does) : this.#before.then(() => this.#guarded(does));
    if (ends === undefined) return;
    this.#before = ends;
    this.#flow();
    void ends.then(() => {
      if (this.#before !== ends) return;
      this.#before = undefined;
      this.#flow();
    });
  }

  #flow(): void {
    if (this.#call.ended || (!this.#full && this.#before === undefined)) this.#stream.resume();
    else this.#stream.pause();
  }

  #guarded(does: () => void | Promise<void>): void | Promise<void> {
    if (this.#call.ended) return;
    try {
      return does()?.catch((error: unknown) => this.#call.cancel(this.#taker.failed(error)));
    } catch (error) {
      this.#call.cancel(this.#taker.failed(error));
    }
  }
}
