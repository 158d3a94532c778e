import { hash } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { type IncomingEvent, PermanentFailure } from '@adstocrat/event-bus';
import { inTransaction } from '@adstocrat/postgres-client';
import type { events } from '@adstocrat/schemas';
import { encodeChunks } from './live-chunk.ts';
import { hourOf } from './live-hour.ts';
import { KeyHours } from './key-hours.ts';

interface Given {
  readonly model: string;
  /** In which the label became final: that of its shard. */
  readonly hour: number;
  /** In which it was served: that of its key. A window that is changed changes the one, never the other. */
  readonly keyHour: number;
  readonly key: string;
  readonly example: events.ExampleLabelled;
}

/** The last millisecond of the year 9999: nothing is served later, and no label final. */
const latestMs = 253_402_300_799_999;

/**
 * Takes labelled rows in, each exactly once by (model, prediction id): whatever is delivered twice, by two processes at once or
 * after a crash. Rows wait in chunks for their hour's shard.
 */
export class LiveIntake {
  readonly #pool: Pool;
  readonly #hours: KeyHours;

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#hours = new KeyHours(pool);
  }

  /** Throws a {@link PermanentFailure} for an event that says no row; nothing of the batch is taken in then. */
  async take(batch: readonly IncomingEvent<events.ExampleLabelled>[]): Promise<void> {
    const given = batch.map(({ id, event }) => read(id, event));
    const appendedMs = Math.max(...batch.map((one) => one.appendedMs));
    await this.#hours.withHours(new Set(given.map(({ keyHour }) => keyHour)), appendedMs, () =>
      inTransaction(this.#pool, async (client) => {
        const fresh = await remember(client, given);
        for (const rows of Map.groupBy(fresh, ({ model, hour }) => `${hour}/${model}`).values()) {
          for await (const chunk of encodeChunks(rows.map(({ example }) => example)))
            await client.query('INSERT INTO ingestion.live_chunks (model, hour, rows, body) VALUES ($1, $2, $3, $4)', [
              rows[0]?.model,
              rows[0]?.hour,
              chunk.rows,
              chunk.body,
            ]);
        }
      }),
    );
  }
}

/** Those of the rows that were not there before, each once. */
async function remember(client: PoolClient, given: readonly Given[]): Promise<readonly Given[]> {
  // In one order for all processes, so that two with the same keys wait for each other and never in a circle.
  const ordered = given.toSorted(byHourAndKey);
  const { rows } = await client.query<{ key: string }>(
    `INSERT INTO ingestion.live_keys (hour, key) SELECT * FROM unnest($1::int[], $2::uuid[]) ON CONFLICT DO NOTHING
     RETURNING key::text AS key`,
    [ordered.map(({ keyHour }) => keyHour), ordered.map(({ key }) => key)],
  );
  const left = new Set(rows.map(({ key }) => key.replaceAll('-', '')));
  return given.filter(({ key }) => left.delete(key));
}

function read(id: string, example: events.ExampleLabelled): Given {
  const { prediction, labelledAtMs } = example;
  const bad = (what: string): PermanentFailure => new PermanentFailure(`labelled example ${id}: ${what}`);
  if (prediction === undefined || prediction.predictionId === '') throw bad('it names no prediction');
  const { model, predictionId, servedAtMs } = prediction;
  if (!/^[^\u0000-\u001f\u007f]{1,256}$/.test(model))
    throw bad('its model has no name of 1 to 256 printable characters');
  if (!(labelledAtMs > 0 && labelledAtMs <= latestMs))
    throw bad(`its label became final at ${labelledAtMs}, which is no time in Unix milliseconds`);
  if (!(servedAtMs >= 0 && servedAtMs <= latestMs))
    throw bad(`it was served at ${servedAtMs}, which is no time in Unix milliseconds`);
  const key = hash('sha256', `${model}\u0000${predictionId}`).slice(0, 32);
  return { model, hour: hourOf(labelledAtMs), keyHour: hourOf(servedAtMs), key, example };
}

function byHourAndKey(a: Given, b: Given): number {
  return a.keyHour - b.keyHour || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
