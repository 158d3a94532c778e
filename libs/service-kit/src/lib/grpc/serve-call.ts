import type { ServerHttp2Stream } from 'node:http2';
import type { sendUnaryData } from '@grpc/grpc-js';
import type { Passage } from './call-guard.ts';
import { ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';
import { asCallStatus, type CallStatus } from './call-status.ts';
import { frameOf } from './message-frames.ts';
import { RequestMessages } from './request-messages.ts';
import type { ServedCall } from './served-call.ts';
import { notImplemented, type ServedMethod } from './served-method.ts';
import { StreamedCall } from './streamed-call.ts';
import { timer } from './timer.ts';
import type { UnaryCall } from './unary-call.ts';

export interface ServeCallOptions {
  readonly call: ServedCall;
  readonly passage: Passage | undefined;
  /** Bytes of a message, at most. */
  readonly maxBytes: number;
  /** Wall milliseconds within which the one request of a call must be there: a client that sends it byte by byte, or never, would hold its memory for ever. */
  readonly requestTimeoutMs: number;
  /** What a call ends with that failed. */
  readonly failed: (error: unknown) => CallStatus;
  /** Runs the handler, within what belongs to the call. */
  readonly within: (run: () => void) => void;
}

type Handler = NonNullable<ServedMethod['handler']>;

/** Reads what a call asks and has the method's handler answer it. */
export function serveCall(stream: ServerHttp2Stream, method: ServedMethod, options: ServeCallOptions): void {
  const { call, failed } = options;
  const { path, handler } = method;
  if (handler === undefined) call.end(failed(notImplemented(path)));
  else if (method.requestStream) serveStream(stream, method, handler, options);
  else serveRequest(stream, method, handler, options);
}

/** A method of one request. */
function serveRequest(
  stream: ServerHttp2Stream,
  method: ServedMethod,
  handler: Handler,
  { call, passage, maxBytes, requestTimeoutMs, failed, within }: ServeCallOptions,
): void {
  const { path, responseStream, encode } = method;
  const slow = timer(requestTimeoutMs, () =>
    call.cancel(
      failed(new ServiceFailure(statusCode.deadlineExceeded, `the request did not come within ${requestTimeoutMs} ms`)),
    ),
  );
  call.onEnd(() => clearTimeout(slow));
  let request: { readonly message: unknown } | undefined;
  new RequestMessages(stream, call, maxBytes, {
    message: (bytes) => {
      if (request !== undefined) throw wrongCount(`Received a second request message for ${path}`);
      passage?.arrived(bytes.length);
      request = { message: decoded(method, bytes) };
      return true;
    },
    end: () => {
      if (request === undefined) throw wrongCount(`Received no request message for ${path}`);
      const { message } = request;
      clearTimeout(slow);
      within(() => {
        if (responseStream) handler(new StreamedCall(call, { request: message, encode }));
        else handler({ served: call, request: message } satisfies UnaryCall, answering(call, method, failed));
      });
    },
    failed,
  });
}

/** A method whose requests stream. */
function serveStream(
  stream: ServerHttp2Stream,
  method: ServedMethod,
  handler: Handler,
  { call, passage, maxBytes, failed, within }: ServeCallOptions,
): void {
  const { encode } = method;
  const streamed: StreamedCall = new StreamedCall(call, { encode, onRoom: () => messages.resume() });
  const messages: RequestMessages = new RequestMessages(stream, call, maxBytes, {
    message: (bytes) => {
      passage?.arrived(bytes.length);
      return streamed.push(decoded(method, bytes));
    },
    // Node ends what is read of a stream that was reset, and says later in the same turn that it was.
    end: () => {
      setImmediate(() => {
        if (!call.ended) streamed.noMore();
      });
    },
    failed,
  });
  within(() => handler(streamed));
}

/** What a handler of one answer calls back. Only its first time counts. */
function answering(
  call: ServedCall,
  { encode }: ServedMethod,
  failed: ServeCallOptions['failed'],
): sendUnaryData<unknown> {
  return (error, answer) => {
    if (error !== null) {
      call.end(asCallStatus(error));
      return;
    }
    let frame: Buffer;
    try {
      frame = frameOf(encode(answer));
    } catch (thrown) {
      call.end(failed(thrown));
      return;
    }
    call.answer(frame);
  };
}

function decoded({ decode }: ServedMethod, bytes: Buffer): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    throw new ServiceFailure(statusCode.internal, 'Error deserializing request', { cause: error });
  }
}

function wrongCount(message: string): ServiceFailure {
  return new ServiceFailure(statusCode.unimplemented, message);
}
