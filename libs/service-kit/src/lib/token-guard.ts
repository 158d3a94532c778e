import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import { bearerCheck } from './bearer-token.ts';

/** Lets calls of these paths (/package.Service/Method) pass only with metadata `authorization: Bearer TOKEN`. */
export function tokenGuard(token: string, guarded: ReadonlySet<string>): ServerInterceptor {
  const holdsToken = bearerCheck(token);
  return (method, call) => {
    if (!guarded.has(method.path)) return new ServerInterceptingCall(call);
    const listener = new ServerListenerBuilder().withOnReceiveMetadata((metadata, next) => {
      if (holdsToken(String(metadata.get('authorization')[0] ?? ''))) next(metadata);
      else
        call.sendStatus({
          code: status.UNAUTHENTICATED,
          details: `${method.path} needs this system's token: send metadata "authorization: Bearer TOKEN" with what SERVICE_TOKEN was set to (the command keeps it in the file "token" of its home)`,
        });
    });
    const responder = new ResponderBuilder().withStart((next) => {
      next(listener.build());
    });
    return new ServerInterceptingCall(call, responder.build());
  };
}
