/** Where event time stands for one model. */
export interface EventClock {
  /** Newest event time seen, Unix milliseconds. */
  readonly newestMs: number;
  /** Wall clock when it was seen, Unix milliseconds. */
  readonly seenAtMs: number;
}

/**
 * Event time before which nothing more is expected: the newest seen, less what may come late; and when nothing comes any more it
 * moves on with the wall clock. `speed`: event time per wall time. `latenessMs`: wall milliseconds.
 */
export function watermark(clock: EventClock, nowMs: number, speed: number, latenessMs: number): number {
  const idleMs = Math.max(0, nowMs - clock.seenAtMs);
  return clock.newestMs + (idleMs - latenessMs) * speed;
}
