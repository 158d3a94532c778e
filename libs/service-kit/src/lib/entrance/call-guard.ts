import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
} from '@grpc/grpc-js';
import { errorText } from '../error-text.ts';
import { countRefused } from '../refused-calls.ts';
import { ServiceFailure } from '../service-error.ts';
import type { Entered } from './caller-limits.ts';
import { callerName } from './caller-name.ts';
import type { Entrance } from './entrance.ts';
import type { LoadShedder, Place } from './load-shedder.ts';
import { sizeOf } from './message-sizes.ts';
import { noteCaller } from './noted-caller.ts';
import { retryMetadata } from './retry-later.ts';
import { ShedCalls } from './shed-calls.ts';

export interface CallGuardOptions {
  readonly entrance: Entrance;
  /** Undefined: no call is refused for what is in progress. */
  readonly shedder: LoadShedder | undefined;
  /** The port of administration, once it is known. */
  readonly adminPort: () => number | undefined;
}

/**
 * Lets a gRPC call pass only with the token that it needs, on the port that answers it, within what its caller may ask for, and a unary
 * prediction only where it can be answered in time. The outermost interceptor: a call that is shed costs nothing of the others.
 */
export function callGuard({ entrance, shedder, adminPort }: CallGuardOptions): ServerInterceptor {
  const { access, limits } = entrance;
  const shed = shedder === undefined ? undefined : new ShedCalls(shedder);
  return ({ path, requestStream }, call) => {
    const scope = entrance.scopeOfMethod(path);
    // What asks for health is never told to come again.
    if (scope === 'health') return new ServerInterceptingCall(call);
    // Messages of a stream are answered in turn: they wait for themselves.
    const sheds = scope === 'predict' && !requestStream;
    const refused = sheds ? shed?.refuse(call) : undefined;
    if (refused !== undefined) return refused;
    let entered: Entered | undefined;
    let place: Place | undefined;
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const passes = orRefused(call, () => {
          const { localPort, remoteAddress } = call.getConnectionInfo();
          entrance.refuseElsewhere(scope, path, localPort === adminPort());
          const token = access.admit(metadata.get('authorization')[0]?.toString(), scope, path);
          const caller = callerName(token, remoteAddress);
          noteCaller(metadata, caller);
          entered = limits.enter(caller);
          if (sheds) place = shedder?.enter();
        });
        if (passes) next(metadata);
      })
      .withOnReceiveMessage((message, next) => {
        const bytes = sizeOf(message);
        if (!orRefused(call, () => entered?.take(bytes))) return;
        place?.arrived(bytes);
        next(message);
      })
      // However it ends: a call that was answered has left its place before.
      .withOnCancel(() => {
        entered?.leave();
        place?.leave(false);
      })
      .build();
    const responder = new ResponderBuilder()
      .withStart((next) => next(listener))
      .withSendStatus((status, next) => {
        place?.leave(true);
        next(status);
      })
      .build();
    return new ServerInterceptingCall(call, responder);
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
    call.sendStatus({ code, details: errorText(message), metadata: retryMetadata(error) });
    return false;
  }
}
