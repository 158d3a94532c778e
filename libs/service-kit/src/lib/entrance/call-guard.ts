import {
  Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import { errorText } from '../error-text.ts';
import { countRefused } from '../refused-calls.ts';
import { ServiceFailure } from '../service-error.ts';
import { CallerLimited, type Entered } from './caller-limits.ts';
import { callerName } from './caller-name.ts';
import type { Entrance } from './entrance.ts';
import { sizeOf } from './message-sizes.ts';

/**
 * Lets a gRPC call pass only with the token that it needs, on the port that answers it, and within what its caller may ask for.
 * `adminPort`: the one of administration, once it is known.
 */
export function callGuard(entrance: Entrance, adminPort: () => number | undefined): ServerInterceptor {
  const { access, limits } = entrance;
  return ({ path }, call) => {
    const scope = entrance.scopeOfMethod(path);
    // What asks for health is never told to come again.
    if (scope === 'health') return new ServerInterceptingCall(call);
    let entered: Entered | undefined;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const passes = orRefused(call, () => {
          const { localPort, remoteAddress } = call.getConnectionInfo();
          entrance.refuseElsewhere(scope, path, localPort === adminPort());
          const token = access.admit(metadata.get('authorization')[0]?.toString(), scope, path);
          entered = limits.enter(callerName(token, remoteAddress));
        });
        if (passes) next(metadata);
      })
      .withOnReceiveMessage((message, next) => {
        if (orRefused(call, () => entered?.take(sizeOf(message)))) next(message);
      })
      // However it ends.
      .withOnCancel(() => entered?.leave())
      .build();
    const responder = new ResponderBuilder().withStart((next) => next(listener));
    return new ServerInterceptingCall(call, responder.build());
  };
}

/** Ends the call where a step refuses it. */
function orRefused(call: ServerInterceptingCallInterface, step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    const { code, message } = error;
    countRefused('grpc', code);
    const metadata = new Metadata();
    // What gRPC's own retries wait for (proposal A6).
    if (error instanceof CallerLimited) metadata.set('grpc-retry-pushback-ms', String(error.retryAfterMs));
    call.sendStatus({ code, details: errorText(message), metadata });
    return false;
  }
}
