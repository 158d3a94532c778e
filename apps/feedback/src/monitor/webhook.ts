import type { Logger } from '@adstocrat/service-kit/telemetry';
import { webhookFailures } from '../telemetry.ts';

const timeoutMs = 5000;
/** Alerts that wait for a slow webhook, at most: further ones are given up. */
const maxWaiting = 100;

/**
 * Posts alerts as JSON, one after the other, while the caller goes on. What a webhook does not take in time is given up, counted and
 * logged, without its address, which may hold a secret: the bus has the alert too.
 */
export class Webhook {
  readonly #url: string;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(url: string, logger: Logger) {
    this.#url = url;
    this.#logger = logger;
  }

  post(alert: object): void {
    if (this.#waiting >= maxWaiting) {
      this.#giveUp('too many alerts wait for it');
      return;
    }
    this.#waiting += 1;
    this.#last = this.#last.then(() => this.#send(alert)).finally(() => (this.#waiting -= 1));
  }

  /** Gives up what is waiting. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('the service stops'));
    await this.#last;
  }

  async #send(alert: object): Promise<void> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alert),
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stopping.signal]),
      });
      await response.body?.cancel();
      if (!response.ok) this.#giveUp(`it answered ${response.status}`);
    } catch (error) {
      this.#giveUp((error as Error).name);
    }
  }

  #giveUp(reason: string): void {
    webhookFailures.add(1);
    this.#logger.warn({ reason }, 'webhook did not take an alert');
  }
}
