import {
  type Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import { countRefused } from '../refused-calls.ts';
import { ServiceFailure } from '../service-error.ts';
import type { Entrance } from './entrance.ts';

/** Lets a gRPC call pass only with the token that it needs, before its message is read. */
export function callGuard(entrance: Entrance): ServerInterceptor {
  const { access } = entrance;
  return ({ path }, call) => {
    const scope = entrance.scopeOfMethod(path);
    if (access.isOpen(scope)) return new ServerInterceptingCall(call);
    const listener = new ServerListenerBuilder().withOnReceiveMetadata((metadata, next) => {
      try {
        access.admit(authorizationIn(metadata), scope, path);
      } catch (error) {
        if (!(error instanceof ServiceFailure)) throw error;
        countRefused('grpc', error.code);
        call.sendStatus({ code: error.code, details: error.message });
        return;
      }
      next(metadata);
    });
    const responder = new ResponderBuilder().withStart((next) => next(listener.build()));
    return new ServerInterceptingCall(call, responder.build());
  };
}

function authorizationIn(metadata: Metadata): string | undefined {
  return metadata.get('authorization')[0]?.toString();
}
