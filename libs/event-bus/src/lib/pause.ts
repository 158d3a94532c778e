/** Resolves after `ms`, or at once when the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}

/** Asks again, with pauses that double from 0.1 s to 2 s, until there is an answer; undefined once aborted. */
export async function untilAnswered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch {
      await pause(Math.min(2000, 100 * 2 ** tries), signal);
      if (signal.aborted) return undefined;
    }
  }
}

/** Waits for a promise, at most `ms`. True where it settled by then. */
export async function within(ms: number, promise: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, pause(ms, over.signal).then(() => false)]);
  } finally {
    over.abort();
  }
}
