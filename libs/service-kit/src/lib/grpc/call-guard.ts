import type { CallStatus } from './call-status.ts';
import type { ConnectionFacts } from './connection-facts.ts';
import type { ServedCall } from './served-call.ts';
import { callerName } from '../entrance/caller-name.ts';
import type { Entrance } from '../entrance/entrance.ts';
import type { LoadShedder, Place } from '../entrance/load-shedder.ts';
import { ShedCalls } from './shed-calls.ts';

export interface CallGuardOptions {
  readonly entrance: Entrance;
  /** Undefined: no call is refused for what is in progress. */
  readonly shedder: LoadShedder | undefined;
  /** The port of administration, once it is known. */
  readonly adminPort: () => number | undefined;
}

/** A call that was let in. */
export interface Passage {
  /** A message of it is there, of so many bytes uncompressed. Throws `CallerLimited`. */
  arrived(bytes: number): void;
}

/** What stands before the calls of a method. */
export interface MethodGuard {
  /** What a call is refused with before anything of it is read, by the milliseconds it has left; undefined: it may {@link pass}. */
  shed(leftMs: number): CallStatus | undefined;
  /** Lets it in until it ends. Throws the `ServiceFailure` that says why not. */
  pass(call: ServedCall, from: ConnectionFacts): Passage;
}

/**
 * Lets a gRPC call pass only with the token that it needs, on the port that answers it, within what its caller may ask for, and a unary
 * prediction only where it can be answered in time. Of each method once: undefined for one that anyone may call at any time.
 */
export function callGuard({
  entrance,
  shedder,
  adminPort,
}: CallGuardOptions): (method: { readonly path: string; readonly requestStream: boolean }) => MethodGuard | undefined {
  const { access, limits } = entrance;
  const shed = shedder === undefined ? undefined : new ShedCalls(shedder);
  return ({ path, requestStream }) => {
    const scope = entrance.scopeOfMethod(path);
    // What asks for health is never told to come again.
    if (scope === 'health') return undefined;
    // Messages of a stream are answered in turn: they wait for themselves.
    const sheds = scope === 'predict' && !requestStream;
    return {
      shed: (leftMs) => (sheds ? shed?.refusal(leftMs) : undefined),
      pass: (call, { localPort, remoteAddress }) => {
        entrance.refuseElsewhere(scope, path, localPort === adminPort());
        const token = access.admit(call.header('authorization'), scope, path);
        call.caller = callerName(token, remoteAddress);
        const entered = limits.enter(call.caller);
        call.onClosed(() => entered.leave());
        const place: Place | undefined = sheds ? shedder?.enter() : undefined;
        if (place !== undefined) call.onEnd(() => place.leave(!call.cancelled));
        return {
          arrived: (bytes) => {
            entered.take(bytes);
            place?.arrived(bytes);
          },
        };
      },
    };
  };
}
