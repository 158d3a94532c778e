export interface Click {
  readonly predictionId: string;
  /** Unix milliseconds. */
  readonly eventTimeMs: number;
}

const tickMs = 250;

/** Says clicks to feedback over REST when their event time has come. What cannot be said is said again. */
export class ClickSender {
  readonly #url: string;
  readonly #nowMs: () => number;
  #waiting: Click[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #stopped = false;
  sent = 0;

  /** `url`: feedback's REST. `nowMs`: event time. */
  constructor(url: string, nowMs: () => number) {
    this.#url = url;
    this.#nowMs = nowMs;
    this.#next();
  }

  add(click: Click): void {
    this.#waiting.push(click);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#sending;
  }

  #next(): void {
    this.#timer = setTimeout(() => {
      this.#sending = this.#flush().finally(() => {
        if (!this.#stopped) this.#next();
      });
    }, tickMs);
  }

  async #flush(): Promise<void> {
    const nowMs = this.#nowMs();
    const due = this.#waiting.filter(({ eventTimeMs }) => eventTimeMs <= nowMs);
    if (due.length === 0) return;
    try {
      const response = await fetch(`${this.#url}/v1/clicks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(due),
        signal: AbortSignal.timeout(10_000),
      });
      if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    } catch {
      // Feedback is away for a moment: they stay, and are said at the next tick. The same click twice is one.
      return;
    }
    const said = new Set(due);
    this.#waiting = this.#waiting.filter((click) => !said.has(click));
    this.sent += due.length;
  }
}
