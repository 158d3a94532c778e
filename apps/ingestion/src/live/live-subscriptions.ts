import type { EventBus, Subscription } from '@adstocrat/event-bus';
import type { Jobs } from '@adstocrat/jobs';
import { topics } from '@adstocrat/schemas';
import type { Resource } from '@adstocrat/service-kit';
import type { IntakeProgress } from './intake-progress.ts';
import type { LiveIntake } from './live-intake.ts';
import { liveSpanJob } from './write-live-span.ts';

const group = 'ingestion';

/** What ingestion hears of live traffic: labelled rows are taken in, a retrain request becomes a job. */
export class LiveSubscriptions implements Resource {
  readonly name = 'live examples';
  readonly #parts: {
    readonly bus: EventBus;
    readonly jobs: Jobs;
    readonly intake: LiveIntake;
    readonly progress: IntakeProgress;
    readonly dependenciesAnswer: () => Promise<boolean>;
  };
  #open: readonly Subscription[] = [];

  constructor(parts: {
    readonly bus: EventBus;
    readonly jobs: Jobs;
    readonly intake: LiveIntake;
    readonly progress: IntakeProgress;
    readonly dependenciesAnswer: () => Promise<boolean>;
  }) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    const { bus, jobs, intake, progress, dependenciesAnswer } = this.#parts;
    progress.start();
    const onReadUntil = (partition: number, readUntilMs: number): Promise<void> => {
      progress.readUntil(partition, readUntilMs);
      return Promise.resolve();
    };
    const labelled = { group, maxBatch: 1000, dependenciesAnswer, onReadUntil };
    this.#open = [
      await bus.subscribe(topics.exampleLabelled, labelled, (batch) => intake.take(batch)),
      await bus.subscribe(topics.retrainRequested, { group, dependenciesAnswer }, async (batch) => {
        for (const { id, appendedMs, event } of batch) {
          const { retrainId, model, task } = event;
          const payload = { retrainId, model, task, appendedMs };
          await jobs.request({ kind: liveSpanJob, key: retrainId, payload, by: id });
        }
      }),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open.map((subscription) => subscription.close()));
    await this.#parts.progress.stop();
  }
}
