import { setTimeout as sleep } from 'node:timers/promises';
import { type LiveOptions, type LivePage, LiveTraffic } from './live-traffic.ts';

export interface StreamOptions extends LiveOptions {
  /** Event seconds per wall second. Default 600: a second is ten minutes. */
  readonly speed?: number;
  /** Event time to start at. Default: the end of the history. */
  readonly startMs?: number;
  /** Event time to end at. Default: the end of the live days. */
  readonly endMs?: number;
  /** Wall milliseconds between pages. Default 100. */
  readonly pageMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Live traffic at its pace: a page comes when the wall clock has reached its end. A reader who is slow gets pages
 * late, never thinner ones. Ends quietly when `signal` aborts.
 */
export async function* streamWorld(options: StreamOptions = {}): AsyncGenerator<LivePage, void, undefined> {
  const { speed = 600, pageMs = 100, signal } = options;
  if (!(speed > 0 && pageMs > 0)) throw new RangeError(`speed and pageMs must be positive, got ${speed} and ${pageMs}`);
  const traffic = new LiveTraffic(options);
  const startMs = options.startMs ?? traffic.startMs;
  const endMs = options.endMs ?? traffic.endMs;
  const startedMs = performance.now();
  for (let fromMs = startMs, toMs = fromMs; fromMs < endMs; fromMs = toMs) {
    toMs = Math.min(endMs, fromMs + Math.max(1, Math.round(pageMs * speed)));
    const waitMs = startedMs + (toMs - startMs) / speed - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
    if (signal?.aborted) return;
    yield traffic.page(fromMs, toMs);
  }
}
