import type { ClientTls } from '@adstocrat/service-kit';
import { postJson } from '../system/post-json.ts';

export interface Click {
  readonly predictionId: string;
  /** Unix milliseconds. */
  readonly eventTimeMs: number;
}

const tickMs = 250;
const clicksPerRequest = 1000;

/**
 * Says clicks to feedback over REST when their event time has come, in turns to its instances. What cannot be said is said again,
 * to the next one: the same click twice is one.
 */
export class ClickSender {
  readonly #urls: readonly string[];
  readonly #nowMs: () => number;
  readonly #tls: ClientTls;
  #waiting: Click[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #stopped = false;
  #turn = 0;
  sent = 0;

  /** `urls`: feedback's REST, of each instance. `nowMs`: event time. `tls`: how to reach it. */
  constructor(urls: readonly string[], nowMs: () => number, tls: ClientTls) {
    this.#tls = tls;
    this.#urls = urls;
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
    for (let from = 0; from < due.length; from += clicksPerRequest)
      if (!(await this.#say(due.slice(from, from + clicksPerRequest)))) return;
  }

  async #say(due: readonly Click[]): Promise<boolean> {
    const url = this.#urls[this.#turn++ % this.#urls.length] ?? '';
    try {
      await postJson(`${url}/v1/clicks`, due, this.#tls);
    } catch {
      // It is away for a moment: they stay, and are said at the next tick.
      return false;
    }
    const said = new Set(due);
    this.#waiting = this.#waiting.filter((click) => !said.has(click));
    this.sent += due.length;
    return true;
  }
}
