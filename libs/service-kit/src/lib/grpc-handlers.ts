import type { handleBidiStreamingCall, handleServerStreamingCall, handleUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { failureStatus } from './grpc/failure-status.ts';
import type { ServedCall } from './grpc/served-call.ts';
import type { StreamedCall } from './grpc/streamed-call.ts';
import type { UnaryCall } from './grpc/unary-call.ts';
import type { Logger } from './logger.ts';
import { Cancelled } from './service-error.ts';

/** What a handler may use of its call. */
export interface CallContext {
  /** Whose call it is: its token or address. */
  readonly caller: string;
  /** Aborts when the client is gone or the deadline has passed. */
  readonly signal: AbortSignal;
  /** The caller's deadline, Unix milliseconds; absent where it set none. */
  readonly deadlineMs?: number;
  /** The first value of a header that came with the call; undefined without it. `name`: in small letters. */
  header(name: string): string | undefined;
  /** Sends headers of its own, before the answer. Values are printable ASCII. */
  sendHeaders(headers: Readonly<Record<string, string>>): void;
}

/** A unary method from an async function. */
export function unary<Q, R>(
  logger: Logger,
  handler: (request: Q, context: CallContext) => Promise<R>,
): handleUnaryCall<Q, R> {
  const handle = ({ served, request }: UnaryCall, callback: sendUnaryData<R>): void => {
    handler(request as Q, contextOf(served)).then(
      (response) => callback(null, response),
      (error: unknown) => callback(failureStatus(error, logger, served.path)),
    );
  };
  // Only our own server calls it, with a call of its own.
  return handle as unknown as handleUnaryCall<Q, R>;
}

/** A server stream from an async generator. A slow client slows the generator. */
export function serverStream<Q, R>(
  logger: Logger,
  handler: (request: Q, context: CallContext) => AsyncIterable<R>,
): handleServerStreamingCall<Q, R> {
  const handle = (call: StreamedCall): void => {
    const context = contextOf(call.served);
    answer(call, handler(call.request as Q, context), { logger, signal: context.signal });
  };
  return handle as unknown as handleServerStreamingCall<Q, R>;
}

/** A stream each way from an async generator over the client's messages. A slow client slows the generator. */
export function bidirectional<Q, R>(
  logger: Logger,
  handler: (requests: AsyncIterable<Q>, context: CallContext) => AsyncIterable<R>,
): handleBidiStreamingCall<Q, R> {
  const handle = (call: StreamedCall): void => {
    const context = contextOf(call.served);
    // The plain iterator would end the whole call with the client's last message, before it is answered.
    const requests = call.iterator({ destroyOnReturn: false }) as AsyncIterable<Q>;
    answer(call, handler(requests, context), { logger, signal: context.signal });
  };
  return handle as unknown as handleBidiStreamingCall<Q, R>;
}

/** Why a signal aborts. One for all: a new one a call would cost more than all else that is done for the context. */
const gone = new Cancelled('the caller is gone, or its deadline has passed');

/** What a handler knows of its call; the signal aborts when the call ends in another way than by its handler. */
function contextOf(call: ServedCall): CallContext {
  const controller = new AbortController();
  call.onCancelled(() => controller.abort(gone));
  return {
    caller: call.caller,
    signal: controller.signal,
    ...(call.deadlineMs === Infinity ? {} : { deadlineMs: call.deadlineMs }),
    header: (name) => call.header(name),
    sendHeaders: (headers) => call.begin(headers),
  };
}

/** Sends a stream's messages, and its failure unless nobody waits for it. */
function answer<R>(
  call: StreamedCall,
  messages: AsyncIterable<R>,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): void {
  send(call, messages, signal).catch((error: unknown) => {
    if (signal.aborted) call.end();
    else call.emit('error', failureStatus(error, logger, call.served.path));
  });
}

async function send<R>(call: StreamedCall, messages: AsyncIterable<R>, signal: AbortSignal): Promise<void> {
  for await (const message of messages) {
    if (signal.aborted) break;
    if (!call.write(message)) await roomOrEnd(call, signal);
  }
  call.end();
}

/** Until there is room for a message, or nobody waits for one. */
function roomOrEnd(call: StreamedCall, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || !call.writableNeedDrain) {
      resolve();
      return;
    }
    const go = (): void => {
      call.off('drain', go);
      signal.removeEventListener('abort', go);
      resolve();
    };
    call.once('drain', go);
    signal.addEventListener('abort', go, { once: true });
  });
}
