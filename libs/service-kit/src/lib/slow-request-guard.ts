import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';

/**
 * Ends a call whose one request message is not there within `timeoutMs` wall milliseconds of its headers: a client that sends it byte
 * by byte, or never, would hold its memory for ever. Calls that stream requests may take as long as they like.
 */
export function slowRequestGuard(timeoutMs: number): ServerInterceptor {
  return (method, call) => {
    if (method.requestStream) return new ServerInterceptingCall(call);
    let timer: NodeJS.Timeout | undefined;
    const listener = new ServerListenerBuilder()
      .withOnReceiveHalfClose((next) => {
        clearTimeout(timer);
        next();
      })
      .withOnCancel(() => clearTimeout(timer))
      .build();
    const responder = new ResponderBuilder()
      .withStart((next) => {
        timer = setTimeout(
          () =>
            call.sendStatus({
              code: status.DEADLINE_EXCEEDED,
              details: `the request did not come within ${timeoutMs} ms`,
            }),
          timeoutMs,
        );
        next(listener);
      })
      .build();
    return new ServerInterceptingCall(call, responder);
  };
}
