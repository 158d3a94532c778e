import type {
  Deadline,
  handleBidiStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerDuplexStream,
  ServerWritableStream,
  StatusObject,
} from '@grpc/grpc-js';
import { callFailure } from './call-failure.ts';
import { callerOf } from './entrance/noted-caller.ts';
import { retryMetadata } from './entrance/retry-later.ts';
import { errorText } from './error-text.ts';
import type { Logger } from './logger.ts';
import { countRefused } from './refused-calls.ts';
import { Cancelled } from './service-error.ts';

/** What a handler may use of its call. */
export interface CallContext {
  readonly metadata: Metadata;
  /** Whose call it is: its token or address. */
  readonly caller: string;
  /** Aborts when the client is gone or the deadline has passed. */
  readonly signal: AbortSignal;
  /** The caller's deadline, Unix milliseconds; absent where it set none. */
  readonly deadlineMs?: number;
  /** Sends initial metadata, before the answer. */
  sendMetadata(metadata: Metadata): void;
}

type StreamedCall<Q, R> = ServerWritableStream<Q, R> | ServerDuplexStream<Q, R>;

/** A unary method from an async function. */
export function unary<Q, R>(
  logger: Logger,
  handler: (request: Q, context: CallContext) => Promise<R>,
): handleUnaryCall<Q, R> {
  return (call, callback) => {
    const context = contextOf(call);
    handler(call.request, context).then(
      (response) => {
        context.answered();
        callback(null, response);
      },
      (error: unknown) => {
        context.answered();
        callback(asStatus(error, logger, call.getPath()));
      },
    );
  };
}

/** A server stream from an async generator. A slow client slows the generator. */
export function serverStream<Q, R>(
  logger: Logger,
  handler: (request: Q, context: CallContext) => AsyncIterable<R>,
): handleServerStreamingCall<Q, R> {
  return (call) => {
    const context = contextOf(call);
    answer(call, handler(call.request, context), { logger, signal: context.signal });
  };
}

/** A stream each way from an async generator over the client's messages. A slow client slows the generator. */
export function bidirectional<Q, R>(
  logger: Logger,
  handler: (requests: AsyncIterable<Q>, context: CallContext) => AsyncIterable<R>,
): handleBidiStreamingCall<Q, R> {
  return (call) => {
    const context = contextOf(call);
    // The plain iterator would end the whole call with the client's last message, before it is answered.
    const requests = call.iterator({ destroyOnReturn: false }) as AsyncIterable<Q>;
    answer(call, handler(requests, context), { logger, signal: context.signal });
  };
}

/** Why a signal aborts. One for all: a new one a call would cost more than all else that is done for the context. */
const gone = new Cancelled('the caller is gone, or its deadline has passed');

/** What a handler knows of its call; the signal aborts when the call is cancelled. */
function contextOf(call: {
  readonly metadata: Metadata;
  getDeadline(): Deadline;
  sendMetadata(metadata: Metadata): void;
  on(event: 'cancelled', listener: () => void): unknown;
}): CallContext & { /** The call is answered: that it ends is no cancellation. */ answered(): void } {
  const controller = new AbortController();
  let waited = true;
  // It is said of every call in the end, of those that were answered too.
  call.on('cancelled', () => {
    if (waited) controller.abort(gone);
  });
  return {
    metadata: call.metadata,
    caller: callerOf(call.metadata),
    signal: controller.signal,
    ...deadlineOf(call),
    sendMetadata: (metadata: Metadata) => {
      call.sendMetadata(metadata);
    },
    answered: () => {
      waited = false;
    },
  };
}

/** Sends a stream's messages, and its failure unless nobody waits for it. */
function answer<Q, R>(
  call: StreamedCall<Q, R>,
  messages: AsyncIterable<R>,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): void {
  send(call, messages, signal).catch((error: unknown) => {
    if (signal.aborted) call.end();
    else call.emit('error', asStatus(error, logger, call.getPath()));
  });
}

function deadlineOf(call: { getDeadline(): Deadline }): { readonly deadlineMs?: number } {
  const deadlineMs = Number(call.getDeadline());
  return Number.isFinite(deadlineMs) ? { deadlineMs } : {};
}

async function send<Q, R>(call: StreamedCall<Q, R>, messages: AsyncIterable<R>, signal: AbortSignal): Promise<void> {
  for await (const message of messages) {
    if (signal.aborted) break;
    if (!call.write(message)) {
      await new Promise<void>((resolve) => {
        call.once('drain', resolve);
        signal.addEventListener(
          'abort',
          () => {
            resolve();
          },
          { once: true },
        );
      });
    }
  }
  call.end();
}

/** What a call ends with that failed. */
export function asStatus(error: unknown, logger: Logger, method: string): Partial<StatusObject> {
  const failure = callFailure(error, method, logger);
  const { code, message } = failure;
  countRefused('grpc', code);
  return { code, details: errorText(message), metadata: retryMetadata(failure) };
}
