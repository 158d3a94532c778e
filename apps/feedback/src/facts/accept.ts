import type { Pool } from 'pg';
import type { IncomingEvent } from '@adstocrat/event-bus';
import { inTransaction } from '@adstocrat/postgres-client';
import { addCounts, type Count } from '../store/counts.ts';
import type { Slices } from '../store/slices.ts';
import { lanes } from '../store/tables.ts';
import { factsRepeated } from '../telemetry.ts';
import { holdReadUntil } from '../watermark/progress.ts';
import type { FactKind, KnownPrediction, SaidFact } from './incoming.ts';

/** Where events go. */
export interface FactStore {
  readonly pool: Pool;
  readonly slices: Slices;
  /** The bus's time on the server's clock, whole Unix milliseconds. */
  readonly serverMs: (appendedMs: number) => number;
}

type Row<T> = IncomingEvent<T> & { readonly slice: number; readonly seenMs: number };

/**
 * Appends predictions. What is there already is left as it is, so that a batch delivered again changes nothing. Events of a slice that
 * retention has dropped are counted and left out.
 */
export async function acceptPredictions(
  store: FactStore,
  batch: readonly IncomingEvent<KnownPrediction>[],
): Promise<void> {
  await append(store, batch, 'prediction', async (rows, query) => {
    const events = Buffer.concat(rows.map(({ event }) => event.bytes));
    const lengths = rows.map(({ event }) => event.bytes.length);
    let end = 1;
    const offsets = lengths.map((length) => (end += length) - length);
    const added = await query<{ model: string; count: number }>(
      `WITH added AS (
         INSERT INTO feedback.predictions (slice, prediction_id, model, lane, seen_ms, served_ms, version, score, event)
         SELECT slice, id, model, hashtext(id) & ${lanes - 1}, seen_ms, least(served_ms, seen_ms), version, score,
           substring($1::bytea FROM first FOR length)
         FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::real[], $9::int[], $10::int[])
           AS given(slice, id, model, seen_ms, served_ms, version, score, first, length)
         ON CONFLICT DO NOTHING RETURNING model)
       SELECT model, count(*) AS count FROM added GROUP BY model`,
      [
        ...[events, rows.map(({ slice }) => slice), rows.map(({ event }) => event.predictionId)],
        ...[rows.map(({ event }) => event.model), rows.map(({ seenMs }) => seenMs)],
        ...[rows.map(({ event }) => event.servedMs), rows.map(({ event }) => event.version)],
        ...[rows.map(({ event }) => event.score), offsets, lengths],
      ],
    );
    return added.map(({ model, count }) => ({ model, name: 'predictions', count }));
  });
}

/** Appends what people did. Its time is the client's, but never later than the bus saw it. As {@link acceptPredictions} otherwise. */
export async function acceptFacts(
  store: FactStore,
  kind: FactKind,
  batch: readonly IncomingEvent<SaidFact>[],
): Promise<void> {
  let repeated = 0;
  await append(store, batch, kind, async (rows, query) => {
    const times = rows.map(({ event: { eventTimeMs }, seenMs }) => (eventTimeMs === 0 ? seenMs : eventTimeMs));
    const added = await query<{ count: number; clamped: number }>(
      `WITH given AS (
         SELECT * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
           AS given(slice, prediction_id, model, id, time_ms, seen_ms)
       ), added AS (
         INSERT INTO feedback.facts (slice, prediction_id, kind, model, id, time_ms, seen_ms)
         SELECT slice, prediction_id, $1, model, id, least(time_ms, seen_ms), seen_ms FROM given
         ON CONFLICT DO NOTHING RETURNING slice, prediction_id, id, seen_ms)
       SELECT count(DISTINCT (slice, prediction_id, id)) AS count,
         count(DISTINCT (slice, prediction_id, id)) FILTER (WHERE given.time_ms > given.seen_ms) AS clamped
       FROM added JOIN given USING (slice, prediction_id, id, seen_ms)`,
      [
        ...[kind, rows.map(({ slice }) => slice), rows.map(({ event }) => event.predictionId)],
        ...[rows.map(({ event }) => event.model), rows.map(({ id }) => id), times, rows.map(({ seenMs }) => seenMs)],
      ],
    );
    const { count = 0, clamped = 0 } = added[0] ?? {};
    repeated = rows.length - count;
    return [
      { model: '', name: `${kind}.taken`, count },
      { model: '', name: `${kind}.clamped`, count: clamped },
    ];
  });
  factsRepeated.add(repeated, { kind });
}

type Query = <R extends object>(text: string, values: unknown[]) => Promise<readonly R[]>;

/**
 * Appends a batch of one partition. Nothing is seen before what was said to be read of that partition, whatever the stamp of a broker
 * whose clock is behind: labels that went by what was said stay true.
 */
async function append<T>(
  { pool, slices, serverMs }: FactStore,
  batch: readonly IncomingEvent<T>[],
  kind: string,
  insert: (rows: readonly Row<T>[], query: Query) => Promise<readonly Count[]>,
): Promise<void> {
  const [first] = batch;
  if (first === undefined) return;
  const { topic, partition } = first;
  const lane = partition % lanes;
  // By the bus's own time, so that what is delivered again finds itself.
  const starts = await slices.of(batch.map(({ appendedMs }) => serverMs(appendedMs)));
  try {
    await inTransaction(pool, async (client) => {
      const readUntilMs = await holdReadUntil(client, topic, partition);
      const rows = batch.flatMap((event, index) => {
        const slice = starts[index];
        return slice === undefined
          ? []
          : [{ ...event, slice, seenMs: serverMs(Math.max(event.appendedMs, readUntilMs)) }];
      });
      const query: Query = async <R extends object>(text: string, values: unknown[]) =>
        (await client.query<R>(text, values)).rows;
      const counts = rows.length === 0 ? [] : await insert(rows, query);
      const expired = batch.length - rows.length;
      await addCounts(client, lane, [...counts, { model: '', name: `${kind}.expired`, count: expired }]);
    });
  } catch (error) {
    // Retention dropped a slice in between: the next attempt knows.
    await slices.refresh().catch(() => undefined);
    throw error;
  }
}
