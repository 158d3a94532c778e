import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { EventBus } from '@adstocrat/event-bus';
import { FailedPrecondition, InvalidRequest, type Person } from '@adstocrat/service-kit';
import type { LiveRows } from '../live/live-rows.ts';
import type { OnProgress } from '../shards/shard-work.ts';
import { findWitnesses, type Witness } from './find-witnesses.ts';
import { forgetChunks } from './forget-chunks.ts';
import { forgetEvents } from './forget-events.ts';
import { forgetImages, type ForgetImagesParts } from './forget-images.ts';
import { forgetShards } from './forget-shards.ts';
import { forgetSpans, type TouchedSpan } from './forget-spans.ts';
import { removeFolders } from './forgotten-folders.ts';
import type { ForgottenRows } from './forgotten-rows.ts';

export interface ForgetParts extends ForgetImagesParts {
  readonly pool: Pool;
  readonly bus: EventBus;
  readonly live: LiveRows;
}

export interface Forgotten {
  readonly places: readonly ForgottenRows[];
  readonly witnesses: readonly Witness[];
}

/**
 * Takes a person's rows out of all that ingestion keeps, in the order in which rows move: the bus, chunks, shards, spans; then the images
 * that nothing shows any more. What is done stays done, and asked again it goes on from there. The record of it has counts, and neither
 * the value nor a pseudonym. Throws {@link FailedPrecondition} where another is in progress, and where one may be since the database has
 * let go of the lock.
 */
export async function forget(
  parts: ForgetParts,
  person: Person,
  options: { readonly dryRun: boolean; readonly signal: AbortSignal; readonly onProgress: OnProgress },
): Promise<Forgotten> {
  if (person.column === '') throw new InvalidRequest('column must name the column that tells people apart');
  if (person.forms.size === 0 || person.forms.has(''))
    throw new InvalidRequest('forms must hold values, none of them empty');
  const { pool } = parts;
  return alone(pool, async (lost) => {
    const signal = AbortSignal.any([options.signal, lost]);
    const { dryRun, onProgress } = options;
    const own = { dryRun, signal, onProgress };
    const startedAt = new Date();
    if (!dryRun) parts.held.drop();
    const step = (name: string): void => {
      signal.throwIfAborted();
      onProgress(name, 0, 0, '');
    };
    step('files');
    const earlier = await removeFolders(parts, own);
    step('event bus');
    const places = [...(await forgetEvents(parts.bus, person, dryRun))];
    step('waiting rows');
    places.push(await forgetChunks(pool, person, dryRun));
    step('shards');
    places.push(...(await forgetShards(parts, person, dryRun, signal)));
    const seen = new Set<string>();
    const ofSpans = {
      ...own,
      seen,
      onProgress: (done: number, total: number) => onProgress('spans', done, total, 'spans'),
    };
    const spans: TouchedSpan[] = [];
    let folders = earlier;
    let isDone = false;
    for (let round = 0; !isDone && round < mostRounds; round += 1) {
      const { touched, isUpToDate } = await forgetSpans(parts, person, ofSpans);
      spans.push(...touched);
      isDone = isUpToDate && (dryRun || (round > 0 && touched.length === 0));
      if (dryRun || isDone) continue;
      // That takes its time: others may come.
      step('files');
      folders = await removeFolders(parts, own);
    }
    if (!isDone) places.push(asFast);
    places.push(...spans.map(({ rows }) => rows));
    // Of this time's only those that are left: the others are the rows above.
    places.push({ ...folders, found: dryRun ? folders.found : earlier.found - earlier.left + folders.left });
    step('images');
    places.push(await forgetImages(parts, { touched: spans, seen }, own));
    step('models');
    const models = (await parts.metadata.listTasks()).map(({ name }) => name);
    const touched = spans.map(({ record }) => record);
    const witnesses = await findWitnesses(parts, person, touched, models);
    const result = { places: places.filter(({ found }) => found > 0), witnesses };
    if (!dryRun)
      await pool.query(
        'INSERT INTO ingestion.forgotten (id, column_name, started_at, result) VALUES ($1, $2, $3, $4)',
        [randomUUID(), person.column, startedAt, JSON.stringify(result)],
      );
    return result;
  });
}

/** Looks at spans, each but the last with the removal of folders after it, at most. */
const mostRounds = 3;

const asFast: ForgottenRows = {
  place: 'spans that were recorded meanwhile',
  found: 1,
  left: 1,
  why: 'they came as fast as they were looked at: ask again',
};

/** One at a time, whichever process does it: two would write the same folders. `lost` aborts where the database ended the lock. */
async function alone<T>(pool: Pool, work: (lost: AbortSignal) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const lost = new AbortController();
  const onEnd = (): void =>
    lost.abort(new FailedPrecondition('the database has ended what kept others out: ask again'));
  client.on('error', onEnd);
  client.on('end', onEnd);
  try {
    const { rows } = await client.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_lock(hashtextextended('ingestion.forget', 0)) AS mine`,
    );
    if (rows[0]?.mine !== true)
      throw new FailedPrecondition('somebody else is being forgotten at this moment: ask again when that is done');
    try {
      return await work(lost.signal);
    } finally {
      if (!lost.signal.aborted)
        await client.query(`SELECT pg_advisory_unlock(hashtextextended('ingestion.forget', 0))`);
    }
  } finally {
    client.off('error', onEnd);
    client.off('end', onEnd);
    client.release(lost.signal.aborted);
  }
}
