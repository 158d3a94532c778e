/** Has a batch wait for as long as the server beside it is busy answering. */
export class OnlineFirst {
  readonly #longestMs: number;
  readonly #waiting = new Set<() => void>();
  #busy = false;

  /** `longestMs`: wall milliseconds after which a slice is scored though the server is busy: a batch comes to an end all the same. */
  constructor(longestMs = 1000) {
    this.#longestMs = longestMs;
  }

  set busy(busy: boolean) {
    this.#busy = busy;
    if (!busy) for (const goOn of this.#waiting) goOn();
  }

  /** Resolves when the next slice may be scored. Rejects with the signal's reason. */
  async turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#busy) return;
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', goOn);
        this.#waiting.delete(goOn);
        resolve();
      };
      const timer = this.#longestMs === Infinity ? undefined : setTimeout(goOn, this.#longestMs);
      signal.addEventListener('abort', goOn);
      this.#waiting.add(goOn);
    });
    signal.throwIfAborted();
  }
}
