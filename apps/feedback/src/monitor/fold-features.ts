import type { Pool } from 'pg';
import { ValueCounts } from '@adstocrat/monitors';
import { inTransaction } from '@adstocrat/postgres-client';
import { events } from '@adstocrat/schemas';
import { throughIndexes } from '../join/label-sql.ts';
import { nextStretch } from '../join/next-stretch.ts';
import { cursorOf, moveCursor } from '../store/cursors.ts';
import type { Baseline } from './baseline.ts';
import { addToSums, type Mergeable } from './window-sums.ts';

/** Category → rows of each column, as {@link ValueCounts} has them. */
export type FeatureCountsState = Readonly<Record<string, readonly (readonly [string, number])[]>>;

/** Values of every column of a baseline, in its categories. Merges in any order. */
export class FeatureCounts implements Mergeable<FeatureCountsState> {
  readonly #columns: ReadonlyMap<string, ValueCounts>;

  constructor(baseline: Baseline) {
    this.#columns = new Map(
      baseline.columns.flatMap(({ statistics }) => {
        const counts = ValueCounts.of(statistics);
        return counts === undefined ? [] : [[statistics.name, counts] as const];
      }),
    );
  }

  add(features: events.PredictionMade['features']): void {
    for (const [name, counts] of this.#columns) {
      const value = features[name];
      counts.add(value?.text ?? value?.integer ?? value?.number);
    }
  }

  of(column: string): ValueCounts | undefined {
    return this.#columns.get(column);
  }

  merge(state: FeatureCountsState): void {
    for (const [name, counts] of Object.entries(state)) this.#columns.get(name)?.merge(counts);
  }

  state(): FeatureCountsState {
    return Object.fromEntries([...this.#columns].map(([name, { histogram }]) => [name, [...histogram]]));
  }
}

export interface FoldingLane {
  readonly pool: Pool;
  readonly model: string;
  readonly lane: number;
  readonly windowMs: number;
  /** Server time: every prediction seen before it has been taken in. */
  readonly watermarkMs: number;
  /** As {@link nextStretch} takes them. */
  readonly maxRows: number;
  readonly maxBytes: number;
}

/**
 * Adds the features of a lane's next predictions to the counts of their windows, each row once, in the order in which they were seen.
 * Without a baseline there is nothing to count by: they are passed over. Returns whether there is more.
 */
export async function foldFeatures(options: FoldingLane, baseline: Baseline | undefined): Promise<boolean> {
  const { pool, model, lane, windowMs, watermarkMs } = options;
  return inTransaction(pool, async (client) => {
    const cursor = await cursorOf(client, 'features', model, lane);
    if (cursor === undefined || watermarkMs <= cursor + 1) return false;
    if (baseline === undefined) {
      await moveCursor(client, 'features', model, lane, watermarkMs - 1);
      return false;
    }
    await client.query(throughIndexes);
    const { untilMs, more } = await nextStretch(client, { ...options, afterMs: cursor, untilMs: watermarkMs });
    const { rows } = await client.query<{ served_ms: number; event: Buffer }>(
      `SELECT served_ms, event FROM feedback.predictions
       WHERE model = $1 AND lane = $2 AND seen_ms > $3 AND seen_ms < $4`,
      [model, lane, cursor, untilMs],
    );
    const served = rows.map(({ served_ms: timeMs, event }) => ({ timeMs, version: baseline.version, event }));
    await addToSums(client, { kind: 'features', model, lane, windowMs }, served, (some) => {
      const counts = new FeatureCounts(baseline);
      for (const { event } of some) counts.add(events.PredictionMade.decode(event).features);
      return counts;
    });
    await moveCursor(client, 'features', model, lane, untilMs - 1);
    return more;
  });
}
