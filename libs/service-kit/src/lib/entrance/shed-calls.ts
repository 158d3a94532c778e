import { ResponderBuilder, ServerInterceptingCall, type ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { countRefused } from '../refused-calls.ts';
import type { LoadShedder, Shed } from './load-shedder.ts';
import { retryMetadata } from './retry-later.ts';
import { shedFailure } from './shed-failure.ts';

type Status = Parameters<ServerInterceptingCallInterface['sendStatus']>[0] & { readonly code: number };

/** A call that is not started: nothing of it is read. */
const ended = new ResponderBuilder().withStart(() => undefined).build();

/** Refuses gRPC calls with as little work as can be: at twice the load that is borne, half of the calls are refused. */
export class ShedCalls {
  readonly #shedder: LoadShedder;
  /** Made once: an error a call, with its stack, would cost more than the rest. */
  readonly #statuses: Readonly<Record<Shed, Status>>;

  constructor(shedder: LoadShedder) {
    this.#shedder = shedder;
    const statusOf = (shed: Shed): Status => {
      const failure = shedFailure(shed, shedder.targetMs);
      return { code: failure.code, details: failure.message, metadata: retryMetadata(failure) };
    };
    this.#statuses = { target: statusOf('target'), deadline: statusOf('deadline') };
  }

  /** What becomes of a call that is refused; undefined for one that may go on. */
  refuse(call: ServerInterceptingCallInterface): ServerInterceptingCall | undefined {
    const shed = this.#shedder.refusal(Number(call.getDeadline()) - Date.now());
    if (shed === undefined) return undefined;
    const status = this.#statuses[shed];
    countRefused('grpc', status.code);
    call.sendStatus(status);
    return new ServerInterceptingCall(call, ended);
  }
}
