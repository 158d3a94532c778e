/** Pauses before a thread that ended is begun again, wall milliseconds. */
export interface Pauses {
  /** After it ended twice; each further time it is twice as long. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** One that lived so long is begun again as if none had ended before. */
  readonly steadyMs: number;
}

export const usualPauses: Pauses = { firstMs: 100, longestMs: 30_000, steadyMs: 10_000 };

/** How often threads that are begun one after the other ended, and when the next one may be begun: the second at once. */
export class ThreadEnds {
  readonly #pauses: Pauses;
  #ends = 0;
  #untilMs = -Infinity;

  constructor(pauses = usualPauses) {
    this.#pauses = pauses;
  }

  /** `livedMs`: of the one that ended. Returns the wall milliseconds for which none is begun. */
  ended(livedMs: number, nowMs = performance.now()): number {
    const { firstMs, longestMs, steadyMs } = this.#pauses;
    this.#ends = livedMs >= steadyMs ? 1 : this.#ends + 1;
    const pauseMs = this.#ends < 2 ? 0 : Math.min(longestMs, firstMs * 2 ** (this.#ends - 2));
    this.#untilMs = nowMs + pauseMs;
    return pauseMs;
  }

  /** Why none is to be begun now; undefined where one may be. */
  pause(nowMs = performance.now()): string | undefined {
    const leftMs = this.#untilMs - nowMs;
    if (leftMs <= 0) return undefined;
    return `the thread of the model ended ${this.#ends} times one after the other: it is begun again on a request in ${Math.ceil(leftMs / 1000)} s`;
  }
}
