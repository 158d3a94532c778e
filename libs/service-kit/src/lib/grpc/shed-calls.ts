import { type CallStatus, statusOf } from './call-status.ts';
import { countRefused } from '../refused-calls.ts';
import type { LoadShedder, Shed } from '../entrance/load-shedder.ts';
import { shedFailure } from '../entrance/shed-failure.ts';

/** Refuses gRPC calls with as little work as can be: at twice the load that is borne, half of the calls are refused. */
export class ShedCalls {
  readonly #shedder: LoadShedder;
  /** Made once: an error a call, with its stack, would cost more than the rest. */
  readonly #statuses: Readonly<Record<Shed, CallStatus>>;

  constructor(shedder: LoadShedder) {
    this.#shedder = shedder;
    const statusFor = (shed: Shed): CallStatus => statusOf(shedFailure(shed, shedder.targetMs));
    this.#statuses = { target: statusFor('target'), deadline: statusFor('deadline') };
  }

  /** What a call is refused with that has so many milliseconds left; undefined for one that may go on. */
  refusal(leftMs: number): CallStatus | undefined {
    const shed = this.#shedder.refusal(leftMs);
    if (shed === undefined) return undefined;
    const status = this.#statuses[shed];
    countRefused('grpc', status.code);
    return status;
  }
}
