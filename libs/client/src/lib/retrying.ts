import { ClientError } from './client-error.ts';
import { RetryBudget } from './retry-budget.ts';

export interface RetryOptions {
  /** In all, 1: none is repeated. Default 4. */
  readonly attempts?: number;
  /** Milliseconds of the first pause, which doubles each time and is drawn from its upper half. Default 50. */
  readonly pauseMs?: number;
  /** Tokens of the budget that all calls of a client share, and what a success earns. Defaults 10 and 0.1. */
  readonly budget?: { readonly tokens?: number; readonly ratio?: number };
}

const usualAttempts = 4;
const usualPauseMs = 50;

/** Makes attempts again that found nobody there, within a call's deadline and the budget of all calls. */
export class Retrying {
  readonly #attempts: number;
  readonly #pauseMs: number;
  readonly #budget: RetryBudget;

  constructor({ attempts = usualAttempts, pauseMs = usualPauseMs, budget }: RetryOptions = {}) {
    if (!(Number.isInteger(attempts) && attempts >= 1))
      throw new RangeError(`attempts must be a whole number from 1, got ${attempts}`);
    this.#attempts = attempts;
    this.#pauseMs = pauseMs;
    this.#budget = new RetryBudget(budget);
  }

  /**
   * Runs attempts until one is answered. Each gets the milliseconds that are left. Throws {@link ClientError}: the last attempt's, or
   * DEADLINE_EXCEEDED, or CANCELLED where the caller's signal aborts.
   */
  async run<T>(
    deadlineMs: number,
    caller: AbortSignal | undefined,
    attempt: (leftMs: number, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const endMs = performance.now() + deadlineMs;
    const deadline = AbortSignal.timeout(Math.max(0, Math.ceil(deadlineMs)));
    const signal = caller === undefined ? deadline : AbortSignal.any([caller, deadline]);
    for (let made = 1; ; made += 1) {
      try {
        refuseEnded(caller, deadline);
        const answer = await attempt(endMs - performance.now(), signal);
        this.#budget.succeeded();
        return answer;
      } catch (error) {
        refuseEnded(caller, deadline, error);
        if (!(error instanceof ClientError) || error.code !== 'UNAVAILABLE') throw error;
        if (!this.#budget.failed(error) || made >= this.#attempts) throw error;
        const pauseMs = this.#pauseMs * 2 ** (made - 1) * (0.5 + Math.random() / 2);
        // An attempt that begins when nobody waits any more is none.
        if (performance.now() + pauseMs >= endMs) throw error;
        await pause(pauseMs, signal);
      }
    }
  }
}

function refuseEnded(caller: AbortSignal | undefined, deadline: AbortSignal, cause?: unknown): void {
  if (caller?.aborted === true) throw new ClientError('CANCELLED', 'the caller does not wait any more', { cause });
  if (deadline.aborted)
    throw new ClientError('DEADLINE_EXCEEDED', 'there was no answer before the deadline', { cause });
}

/** Resolves after the time, or when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
