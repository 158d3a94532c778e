import { refuseLate } from './admit.ts';
import type { InferenceRequest } from './inference-request.ts';

/** Timers know no more. */
const longestMs = 2 ** 31 - 1;

/** Work with a signal that aborts, with what {@link refuseLate} throws, when nobody waits for the answer any more. */
export async function untilLate<T>(
  request: Pick<InferenceRequest, 'signal' | 'deadlineMs'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const look = (): void => {
    try {
      refuseLate(request);
    } catch (error) {
      late.abort(error);
    }
  };
  const { signal, deadlineMs } = request;
  signal.addEventListener('abort', look);
  // A timer may fire a millisecond before its time.
  const timer = setTimeout(look, Math.min(longestMs, Math.max(0, (deadlineMs ?? Infinity) - Date.now()) + 2));
  try {
    look();
    return await work(late.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', look);
  }
}
