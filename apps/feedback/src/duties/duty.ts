import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { dutyFailures } from '../telemetry.ts';

export interface DutyOptions {
  readonly name: string;
  readonly logger: Logger;
  /** Wall milliseconds between two runs. Asked before each. */
  readonly everyMs: () => number;
  /** One run. What it throws is logged, and it is run again after a pause. Ends soon once `signal` is aborted. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

const maxPauseMs = 30_000;

/**
 * Something done again and again for as long as the service runs. It fails alone: after a failure it pauses, twice as long each time,
 * says so when that begins and when it works again, and no other duty notices.
 */
export class Duty implements Resource {
  readonly name: string;
  readonly #options: DutyOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: DutyOptions) {
    this.name = options.name;
    this.#options = options;
  }

  start(): Promise<void> {
    this.#running = this.#run();
    return Promise.resolve();
  }

  /** Waits for the run in progress, until `hurry` aborts: what it does in a transaction is then not done, and done later. */
  async stop(hurry?: AbortSignal): Promise<void> {
    this.#stopping.abort(new Error('the service stops'));
    const hurried = new Promise<void>((resolve) => {
      hurry?.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    });
    await Promise.race([this.#running, hurried]);
  }

  async #run(): Promise<void> {
    const { name, logger, everyMs, run } = this.#options;
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      let pauseMs = everyMs();
      try {
        await run(signal);
        if (failures > 0) logger.info({ duty: name, failures }, 'duty is done again');
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        pauseMs = Math.min(maxPauseMs, Math.max(pauseMs, 200) * 2 ** Math.min(failures, 10));
        if (failures === 0) logger.warn({ duty: name, err: error, retryMs: pauseMs }, 'duty failed, is tried again');
        failures += 1;
        dutyFailures.add(1, { duty: name.split(' ')[0] ?? name });
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
