import { randomInt } from 'node:crypto';
import type { Resource } from '@adstocrat/service-kit';
import { settleFacts } from '../facts/settle-facts.ts';
import { labelModel } from '../join/label-model.ts';
import { publishAlerts } from '../monitor/alerts.ts';
import { Baselines } from '../monitor/baseline.ts';
import { publishRetrains } from '../monitor/retrain.ts';
import { watchModel } from '../monitor/watch-model.ts';
import { knownModels } from '../store/counts.ts';
import { lanes } from '../store/tables.ts';
import { expectPartitions, streams, watermarkOf } from '../watermark/progress.ts';
import { Duty } from './duty.ts';
import { defaultWindowMs, type Feedback, keepSlices } from './feedback.ts';
import { retaining } from './retaining.ts';

/** Wall milliseconds between two looks at a model: a hundredth of its window, within these. */
const [fastestMs, slowestMs] = [400, 10_000];

/**
 * Everything that feedback does besides reading, each thing by itself: two duties for each model (labels, monitors) and one each for
 * facts, alerts, retrain requests, partitions, slices and retention. Nothing is kept here: a new process goes on from the tables.
 */
export function feedbackDuties(feedback: Feedback): readonly Resource[] {
  const { pool, bus, clock, tasks, webhook, logger } = feedback;
  const duty = (name: string, everyMs: number, run: (signal: AbortSignal) => Promise<void>): Duty =>
    new Duty({ name, logger, everyMs: () => everyMs, run });
  const everything = (): ReturnType<typeof watermarkOf> => watermarkOf(pool, clock, streams);
  return [
    duty('partitions', 10_000, () => expectPartitions(pool, bus)),
    duty('slices', 5000, () => keepSlices(feedback)),
    new ModelDuties(feedback),
    duty('facts', fastestMs, async (signal) => {
      const known = await tasks.all();
      const rules = new Map([...known].map(([model, { rule }]) => [model, rule]));
      const { untilMs } = await everything();
      while (!signal.aborted && (await settleFacts(pool, rules, defaultWindowMs, untilMs)));
    }),
    duty('retention', 5000, retaining(feedback)),
    duty('alerts', fastestMs, async () => {
      for (const alert of await publishAlerts(pool, bus)) {
        if (!alert.resolved) logger.warn({ alert: alert.message }, 'alert raised');
        webhook?.post(alert);
      }
    }),
    duty('retrains', fastestMs, () => publishRetrains(pool, bus)),
  ];
}

/** The duties of each model that predictions were seen of. */
class ModelDuties implements Resource {
  readonly name = 'models';
  readonly #feedback: Feedback;
  readonly #duties = new Map<string, readonly Duty[]>();
  readonly #finding: Duty;

  constructor(feedback: Feedback) {
    this.#feedback = feedback;
    const { pool, logger } = feedback;
    this.#finding = new Duty({
      name: 'models',
      logger,
      everyMs: () => fastestMs,
      run: async () => {
        for (const model of await knownModels(pool)) if (!this.#duties.has(model)) await this.#begin(model);
      },
    });
  }

  start(): Promise<void> {
    return this.#finding.start();
  }

  async stop(hurry?: AbortSignal): Promise<void> {
    await this.#finding.stop(hurry);
    await Promise.all([...this.#duties.values()].flat().map((duty) => duty.stop(hurry)));
  }

  async #begin(model: string): Promise<void> {
    const feedback = this.#feedback;
    const { tasks, clock, logger } = feedback;
    const firstLane = randomInt(lanes);
    const baselines = new Baselines(feedback);
    let windowMs = 0;
    const everyMs = (): number => Math.min(slowestMs, Math.max(fastestMs, windowMs / clock.speed / 100));
    const duty = (name: string, run: (signal: AbortSignal) => Promise<void>): Duty =>
      new Duty({
        name: `${name} of ${model}`,
        logger,
        everyMs,
        run: async (signal) => {
          windowMs = (await tasks.all()).get(model)?.rule.windowMs ?? 0;
          await run(signal);
        },
      });
    const duties = [
      duty('labels', (signal) => labelModel(feedback, model, firstLane, signal)),
      duty('monitors', (signal) => watchModel(feedback, baselines, model, signal)),
    ];
    this.#duties.set(model, duties);
    await Promise.all(duties.map((one) => one.start()));
  }
}
