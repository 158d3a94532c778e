import { counter } from '../metrics/instruments.ts';
import type { ServiceConfig } from '../service-environment.ts';
import { RateBucket } from './rate-bucket.ts';
import { RetryLater } from './retry-later.ts';

export type CallerLimitsConfig = Pick<
  ServiceConfig,
  'CALLER_MAX_CALLS' | 'CALLER_MAX_BYTES' | 'CALLER_CALLS_PER_S' | 'CALLER_BYTES_PER_S'
>;

/** Callers that are known apart, at most; what comes on top shares one's limits. */
const mostCallers = 10_000;
const others = 'others';

const limited = counter('adstocrat.callers.limited', {
  unit: '{call}',
  description: 'Calls and connections refused since their caller was over a limit of its own, by the limit.',
});

/** A caller has more in progress, or asks for more a second, than one may. */
export class CallerLimited extends RetryLater {
  constructor(message: string, retryAfterMs: number) {
    super(`${message}: come again in ${Math.ceil(retryAfterMs / 1000)} s`, retryAfterMs);
  }
}

interface Caller {
  calls: number;
  bytes: number;
  readonly callRate: RateBucket | undefined;
  readonly byteRate: RateBucket | undefined;
}

/** A call that was let in. */
export interface Entered {
  /** Its message has so many bytes, come or to come; of a stream, its latest. Throws {@link CallerLimited}. */
  take(bytes: number): void;
  /** It has ended. Further times change nothing. */
  leave(): void;
}

/** What one caller may ask of a service, so that the others have their share: calls and bytes in flight, and per second. */
export class CallerLimits {
  readonly #config: CallerLimitsConfig;
  readonly #nowMs: () => number;
  readonly #callers = new Map<string, Caller>();

  /** `nowMs`: monotonic milliseconds. */
  constructor(config: CallerLimitsConfig, nowMs: () => number = () => performance.now()) {
    this.#config = config;
    this.#nowMs = nowMs;
  }

  /** `name`: the caller's token or address. Throws {@link CallerLimited}. */
  enter(name: string): Entered {
    const { CALLER_MAX_CALLS: maxCalls, CALLER_CALLS_PER_S: callsPerS } = this.#config;
    const key = this.#callers.has(name) || this.#hasRoom() ? name : others;
    const caller = this.#callers.get(key) ?? this.#begin(key);
    if (caller.calls >= maxCalls) throw refusal('CALLER_MAX_CALLS', `${maxCalls} calls at once`, 1000);
    const waitMs = caller.callRate?.take(1, this.#nowMs()) ?? 0;
    if (waitMs > 0) throw refusal('CALLER_CALLS_PER_S', `${callsPerS} calls a second`, waitMs);
    caller.calls += 1;
    let taken = 0;
    let ended = false;
    return {
      take: (bytes) => {
        caller.bytes -= taken;
        taken = 0;
        this.#takeBytes(caller, bytes);
        taken = bytes;
      },
      leave: () => {
        if (ended) return;
        ended = true;
        caller.calls -= 1;
        caller.bytes -= taken;
        if (this.#isIdle(caller)) this.#callers.delete(key);
      },
    };
  }

  #takeBytes(caller: Caller, bytes: number): void {
    const { CALLER_MAX_BYTES: maxBytes, CALLER_BYTES_PER_S: bytesPerS } = this.#config;
    if (caller.bytes + bytes > maxBytes) throw refusal('CALLER_MAX_BYTES', `${maxBytes} bytes of calls at once`, 1000);
    const waitMs = caller.byteRate?.take(bytes, this.#nowMs()) ?? 0;
    if (waitMs > 0) throw refusal('CALLER_BYTES_PER_S', `${bytesPerS} bytes a second`, waitMs);
    caller.bytes += bytes;
  }

  #begin(key: string): Caller {
    const { CALLER_CALLS_PER_S: calls, CALLER_BYTES_PER_S: bytes } = this.#config;
    const rate = (perS: number | undefined): RateBucket | undefined =>
      perS === undefined ? undefined : new RateBucket(perS, this.#nowMs());
    const caller = { calls: 0, bytes: 0, callRate: rate(calls), byteRate: rate(bytes) };
    this.#callers.set(key, caller);
    return caller;
  }

  /** Forgets who has not come for a while where there are many. */
  #hasRoom(): boolean {
    if (this.#callers.size < mostCallers) return true;
    for (const [key, caller] of this.#callers) if (this.#isIdle(caller)) this.#callers.delete(key);
    return this.#callers.size < mostCallers;
  }

  /** Begun anew it would be the same. */
  #isIdle({ calls, callRate, byteRate }: Caller): boolean {
    const nowMs = this.#nowMs();
    return calls === 0 && callRate?.isFull(nowMs) !== false && byteRate?.isFull(nowMs) !== false;
  }
}

/** A call or connection was refused for this setting's sake. */
export function countLimited(limit: string): void {
  limited.add(1, { limit });
}

/** A flood is mostly refusals: they go without their stacks, which cost more than all else of one and which nobody reads. */
function refusal(limit: string, allowed: string, retryAfterMs: number): CallerLimited {
  countLimited(limit);
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new CallerLimited(`a caller has at most ${allowed} here (${limit})`, retryAfterMs);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
