import { ServiceFailure } from '../service-error.ts';
import { statusCode } from '../status-code.ts';
import type { Shed } from './load-shedder.ts';
import { RetryLater } from './retry-later.ts';

/** What a caller is told. `targetMs`: what a call may wait, as {@link Shed} `target` has it. */
export function shedFailure(shed: Shed, targetMs: number): ServiceFailure & { readonly retryAfterMs?: number } {
  if (shed === 'deadline')
    return new ServiceFailure(statusCode.deadlineExceeded, 'what is in progress takes longer than the deadline leaves');
  const words = `what is in progress would keep a request for more than ${targetMs} ms: ask again later, or another server`;
  return new RetryLater(words, targetMs);
}

/** Throws where a call would wait longer than `targetMs`, or than is left before its deadline, for what is in progress. */
export function refuseWait(
  waitMs: number,
  { targetMs, leftMs }: { readonly targetMs: number; readonly leftMs: number },
): void {
  if (waitMs > Math.min(targetMs, leftMs)) throw shedFailure(waitMs > leftMs ? 'deadline' : 'target', targetMs);
}
