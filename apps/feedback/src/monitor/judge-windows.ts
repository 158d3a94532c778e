import type { Pool } from 'pg';
import { inTransaction } from '@adstocrat/postgres-client';
import type { Task } from '@adstocrat/tasks';
import { recordReadings } from './alerts.ts';
import type { Baseline } from './baseline.ts';
import { featureReadings, labelReadings } from './readings.ts';
import { takeEndedWindow } from './window-sums.ts';

export interface Judging {
  readonly pool: Pool;
  readonly model: string;
  readonly thresholds: Task['thresholds'];
  /** Versions in service. */
  readonly versions: readonly number[];
  /** Of a version; undefined where nothing is known of what it was trained on. */
  readonly baselineOf: (version: number) => Promise<Baseline | undefined>;
}

/** Judges the features of every window that ended before `untilMs`, oldest first, each once. */
export async function judgeFeatures(judging: Judging, stable: number, untilMs: number): Promise<void> {
  const { pool, model, thresholds, baselineOf } = judging;
  const baseline = await baselineOf(stable);
  const judgeNext = (): Promise<boolean> =>
    inTransaction(pool, async (client) => {
      const window = await takeEndedWindow(client, 'features', model, untilMs);
      if (window === undefined) return false;
      const states = window.states.get(stable);
      if (states !== undefined && baseline !== undefined) {
        const readings = featureReadings(states, baseline, thresholds);
        await recordReadings(client, { model, version: stable, ...bounds(window), readings });
      }
      return true;
    });
  while (await judgeNext());
}

/** Judges the labels of every window that ended before `untilMs`, oldest first, each once, for each version in service. */
export async function judgeLabels(judging: Judging, untilMs: number): Promise<void> {
  const { pool, model, thresholds, versions, baselineOf } = judging;
  const evaluated = new Map<number, number | undefined>();
  for (const version of versions) evaluated.set(version, (await baselineOf(version))?.evaluatedAuc);
  const judgeNext = (): Promise<boolean> =>
    inTransaction(pool, async (client) => {
      const window = await takeEndedWindow(client, 'labels', model, untilMs);
      if (window === undefined) return false;
      for (const version of versions) {
        const readings = labelReadings(window.states.get(version) ?? [], version, evaluated.get(version), thresholds);
        await recordReadings(client, { model, version, ...bounds(window), readings });
      }
      return true;
    });
  while (await judgeNext());
}

function bounds({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): {
  readonly startMs: number;
  readonly endMs: number;
} {
  return { startMs, endMs };
}
