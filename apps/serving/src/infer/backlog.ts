import { ResourceExhausted } from '@adstocrat/service-kit';
import { DeadlineExceeded } from './inference-failure.ts';

/** Share of the newest answer in the pace. */
const newest = 1 / 16;

/** A request that is in progress. */
export interface Place {
  /** Answered or refused: it stands before nobody any more. */
  leave(answered: boolean): void;
}

/**
 * What is in progress, and how long it will take: what would be answered too late is refused before any work is done for it, since work
 * for it would make others late too. The pace is measured while there is work, so that an idle server refuses nothing.
 */
export class Backlog {
  readonly #targetMs: number;
  readonly #nowMs: () => number;
  #requests = 0;
  /** Milliseconds an answer, of late; from 0, so that the slow first answers of a server refuse nobody. */
  #answerMs = 0;
  #lastMs = NaN;

  /** `targetMs`: most that a request may wait for those before it. */
  constructor(targetMs: number, nowMs: () => number = () => performance.now()) {
    this.#targetMs = targetMs;
    this.#nowMs = nowMs;
  }

  /** Milliseconds after which what is in progress now will be answered. */
  get waitMs(): number {
    return this.#requests * this.#answerMs;
  }

  /**
   * Takes a request in that is answered in one go, `leftMs` before its deadline. Throws {@link DeadlineExceeded} where what is before it
   * takes longer than that, and {@link ResourceExhausted} where it takes longer than the target.
   */
  enter(leftMs: number): Place {
    const waitMs = this.waitMs;
    if (waitMs > leftMs) throw new DeadlineExceeded();
    if (waitMs > this.#targetMs)
      throw new ResourceExhausted(
        `what is in progress takes about ${Math.ceil(waitMs)} ms, and a request waits for ${this.#targetMs} ms at most: ask again later, or another server`,
      );
    if (this.#requests === 0) this.#lastMs = this.#nowMs();
    this.#requests += 1;
    return {
      leave: (answered) => {
        if (answered) this.#answered();
        this.#requests -= 1;
      },
    };
  }

  #answered(): void {
    const nowMs = this.#nowMs();
    this.#answerMs += (nowMs - this.#lastMs - this.#answerMs) * newest;
    this.#lastMs = nowMs;
  }
}
