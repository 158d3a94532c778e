import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { statusCode } from '../status-code.ts';
import { type CallStatus, done, statusHeaders } from './call-status.ts';
import { acceptedEncodings } from './decompress.ts';
import { timer } from './timer.ts';

/** Those of every answer, of a status alone too: a client whose compression was refused learns from them what is taken. */
const answered: OutgoingHttpHeaders = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': acceptedEncodings,
};
/** Wall milliseconds for which a call that has ended may send and take what is left of it, before its stream is closed. */
const lingerMs = 1000;
const withTrailers = { sendDate: false, waitForTrailers: true };
const withoutMessages = { sendDate: false, endStream: true };

/**
 * The server's side of a call: headers, messages and status as they go over the wire. It ends once: with a status, or with its stream
 * where the client is gone. Nothing that is sent after the end arrives anywhere.
 */
export class ServedCall {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Unix milliseconds; Infinity where the caller set none. */
  readonly deadlineMs: number;
  /** Whose call it is: its token or address. Empty where no entrance was passed. */
  caller = '';
  readonly #stream: ServerHttp2Stream;
  readonly #onEnd: ((status: CallStatus | undefined) => void)[] = [];
  readonly #onCancelled: (() => void)[] = [];
  readonly #onClosed: (() => void)[] = [];
  readonly #deadline: NodeJS.Timeout | undefined;
  #begun = false;
  #ended = false;
  #cancelled = false;

  /** `timeoutMs`: how long the caller waits. */
  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, timeoutMs: number) {
    this.path = headers[':path'] ?? '';
    this.headers = headers;
    this.#stream = stream;
    this.deadlineMs = timeoutMs === Infinity ? Infinity : Date.now() + timeoutMs;
    this.#deadline = timer(timeoutMs, () => {
      this.cancel({ code: statusCode.deadlineExceeded, details: 'Deadline exceeded' });
      // Its client may not even take the status, or what came before it.
      closeLater(stream, constants.NGHTTP2_CANCEL);
    });
    stream.once('close', () => {
      clearTimeout(this.#deadline);
      this.#isGone();
      for (const listener of this.#onClosed) listener();
      // Node's side of a stream outlives it until the next full collection, and would hold all of the call.
      stream.removeAllListeners();
    });
  }

  get ended(): boolean {
    return this.#isGone();
  }

  /** Whether it ended before its handler had answered. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** The first value of a header; undefined without it. */
  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** Calls once the call has ended, with its status; with none where the client is gone. */
  onEnd(listener: (status: CallStatus | undefined) => void): void {
    this.#onEnd.push(listener);
  }

  /** Calls where it ends before its handler has answered. */
  onCancelled(listener: () => void): void {
    this.#onCancelled.push(listener);
  }

  /** Calls once nothing of the call is in memory: its answer is sent too. */
  onClosed(listener: () => void): void {
    this.#onClosed.push(listener);
  }

  /** Sends headers before the first message; later it does nothing. */
  begin(headers?: OutgoingHttpHeaders): void {
    if (this.#begun || this.#isGone()) return;
    this.#stream.respond(headers === undefined ? answered : { ...answered, ...headers }, withTrailers);
    this.#begun = true;
  }

  /** `taken`: called once the next one may come; never where the client is gone. */
  write(frame: Buffer, taken: () => void): void {
    this.begin();
    if (this.#isGone()) return;
    this.#stream.write(frame, (error) => {
      if (error === undefined || error === null) taken();
    });
  }

  /** The last message and the status OK, in as few pieces as can be. */
  answer(frame: Buffer): void {
    this.begin();
    if (!this.#isGone()) this.#trail(done, frame);
  }

  /** Ends it with what its handler says. */
  end(status: CallStatus): void {
    if (this.#isGone()) return;
    if (this.#begun) {
      this.#trail(status);
      return;
    }
    this.#begun = true;
    this.#finish(status);
    endAtOnce(this.#stream, status);
  }

  /** Ends it before its handler does. */
  cancel(status: CallStatus): void {
    if (this.#isGone()) return;
    this.#cancelled = true;
    this.end(status);
    this.#tellCancelled();
  }

  #trail(status: CallStatus, last?: Buffer): void {
    const stream = this.#stream;
    this.#finish(status);
    stream.once('wantTrailers', () => {
      stream.sendTrailers(statusHeaders(status));
      throwAwayRest(stream);
    });
    stream.end(last);
  }

  /** A stream can be closed before it says so. */
  #isGone(): boolean {
    if (!this.#ended && (this.#stream.destroyed || this.#stream.closed)) {
      this.#cancelled = true;
      this.#finish(undefined);
      this.#tellCancelled();
    }
    return this.#ended;
  }

  #finish(status: CallStatus | undefined): void {
    this.#ended = true;
    for (const listener of this.#onEnd) listener(status);
  }

  #tellCancelled(): void {
    for (const listener of this.#onCancelled) listener();
  }
}

/** Answers with a status alone. */
export function endAtOnce(stream: ServerHttp2Stream, status: CallStatus): void {
  stream.respond({ ...answered, ...statusHeaders(status) }, withoutMessages);
  throwAwayRest(stream);
}

/** A client that still sends would wait for room; one that goes on for long is cut off. */
function throwAwayRest(stream: ServerHttp2Stream): void {
  stream.resume();
  if (!stream.readableEnded && !stream.endAfterHeaders) closeLater(stream, constants.NGHTTP2_NO_ERROR);
}

function closeLater(stream: ServerHttp2Stream, code: number): void {
  const linger = setTimeout(() => stream.close(code), lingerMs).unref();
  stream.once('close', () => clearTimeout(linger));
}
