import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { EventBus } from '@adstocrat/event-bus';
import type { Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { LookAtModel } from './look-at-model.ts';
import { publishAlerts } from './monitor/alerts.ts';
import { publishRetrains } from './monitor/retrain.ts';

/** Wall milliseconds between two looks. */
const everyMs = 400;

/** Looks at each model in turn, for ever. Nothing is kept here: a new process goes on from what is recorded. */
export function feedbackLoop(options: {
  readonly pool: Pool;
  readonly bus: EventBus;
  readonly models: LookAtModel;
  readonly webhook?: (alert: object) => Promise<void>;
  readonly logger: Logger;
}): Resource {
  const { pool, bus, models, webhook, logger } = options;
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const pass = async (): Promise<void> => {
    const { rows } = await pool.query<{ model: string }>('SELECT model FROM feedback.totals ORDER BY model');
    for (const { model } of rows) if (!stopping.signal.aborted) await models.look(model);
    for (const message of await publishAlerts(pool, bus, webhook)) logger.warn({ alert: message }, 'alert raised');
    await publishRetrains(pool, bus);
  };
  const run = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted;) {
      let waitMs = everyMs;
      try {
        await pass();
        failures = 0;
      } catch (error) {
        waitMs = Math.min(30_000, everyMs * 2 ** failures);
        failures += 1;
        logger.warn({ err: error, retryMs: waitMs }, 'look failed, will be tried again');
      }
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  return {
    name: 'feedback loop',
    start: () => {
      running = run();
      return Promise.resolve();
    },
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}
