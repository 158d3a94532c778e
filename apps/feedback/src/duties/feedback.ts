import type { Pool } from 'pg';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { EventBus } from '@adstocrat/event-bus';
import type { Metadata } from '@adstocrat/metadata';
import { horizonMs, sliceLengthMs } from '@adstocrat/monitors';
import type { Clock } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { FactStore } from '../facts/accept.ts';
import type { Webhook } from '../monitor/webhook.ts';
import type { Slices } from '../store/slices.ts';
import type { Tasks } from '../tasks.ts';

/** What feedback's duties work with. */
export interface Feedback extends FactStore {
  readonly pool: Pool;
  readonly bus: EventBus;
  readonly metadata: Metadata;
  readonly store: ArtifactStore;
  readonly slices: Slices;
  readonly tasks: Tasks;
  readonly clock: Clock;
  readonly workDir: string;
  readonly webhook?: Webhook | undefined;
  readonly logger: Logger;
}

/** A day: where no task says otherwise. */
export const defaultWindowMs = 86_400_000;

/** Longest server time from a prediction to its label, over all tasks. */
export async function longestHorizonMs({ tasks }: Pick<Feedback, 'tasks'>): Promise<number> {
  const rules = [...(await tasks.all()).values()].map(({ rule }) => horizonMs(rule));
  return rules.length === 0 ? defaultWindowMs : Math.max(...rules);
}

/** Makes slices ahead of time, as long as the longest window asks for. */
export async function keepSlices(feedback: Feedback): Promise<void> {
  const { slices, tasks, clock } = feedback;
  const windows = [...(await tasks.all()).values()].map(({ rule }) => rule.windowMs);
  slices.lengthMs = sliceLengthMs(windows.length === 0 ? defaultWindowMs : Math.max(...windows), clock.speed);
  const nowMs = Math.floor(clock.nowMs());
  await slices.refresh();
  await slices.of([nowMs, nowMs + Math.ceil(aheadWallMs * clock.speed)]);
}

const aheadWallMs = 30_000;
