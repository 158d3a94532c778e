import type { Pool } from 'pg';
import { deadLetterTopic, type EventBus, type Topic } from '@adstocrat/event-bus';
import { canonicalText } from '@adstocrat/examples';
import { inTransaction } from '@adstocrat/postgres-client';
import { events, type feedback, topics } from '@adstocrat/schemas';
import { InvalidRequest, Person } from '@adstocrat/service-kit';

/** Predictions that are looked at or taken out at once. */
const batchRows = 1000;

/** Where one of a person's predictions lies. */
interface Found {
  readonly slice: number;
  readonly prediction_id: string;
  readonly model: string;
}

/**
 * Takes a person's predictions, and what was done about them, out of the bus and out of the tables of the join, in the order in which
 * they move. Counts that were made of them stay, without the name. What is done stays done, and asked again it goes on from there.
 */
export async function forget(
  { pool, bus }: { readonly pool: Pool; readonly bus: EventBus },
  { column, forms, dryRun }: feedback.ForgetRequest,
): Promise<feedback.ForgetResponse> {
  if (column === '' || forms.length === 0 || forms.includes(''))
    throw new InvalidRequest('column and forms must be given, and no form may be empty');
  const person = new Person(column, forms, canonicalText);
  const theirs = await predictionsOf(pool, person);
  const ids = new Set(theirs.map(({ prediction_id: id }) => id));
  const places = [
    await inBus(bus, topics.predictionMade.name, dryRun, (bytes) => {
      const { predictionId, features } = events.PredictionMade.decode(bytes);
      if (person.has(features)) ids.add(predictionId);
      return person.has(features);
    }),
  ];
  for (const { name, decode } of [topics.impressionSeen, topics.clickSeen, topics.conversionSeen])
    places.push(await inBus(bus, name, dryRun, (bytes) => ids.has(decode(bytes).predictionId)));
  for (const { name } of [topics.predictionMade, topics.impressionSeen, topics.clickSeen, topics.conversionSeen])
    places.push(await inBus(bus, deadLetterTopic(name), dryRun, (bytes) => person.isIn(bytes)));
  const facts = dryRun ? await countFacts(pool, ids) : await removeAll(pool, theirs, ids);
  if (!dryRun) await hideNames(pool, person);
  const why = dryRun ? 'nothing was changed: a dry run' : '';
  const place = (name: string, found: number): feedback.ForgottenRows => ({
    place: name,
    found,
    left: dryRun ? found : 0,
    why: found > 0 ? why : '',
  });
  places.push(
    place("predictions in feedback's table", theirs.length),
    place("clicks and impressions in feedback's table", facts),
  );
  return { places: places.filter(({ found }) => found > 0) };
}

async function predictionsOf(pool: Pool, person: Person): Promise<readonly Found[]> {
  const theirs: Found[] = [];
  let after: readonly [string, string, number] = ['', '', -1];
  for (;;) {
    const { rows } = await pool.query<Found & { readonly event: Buffer }>(
      `SELECT slice, prediction_id, model, event FROM feedback.predictions
       WHERE (prediction_id, model, slice) > ($1, $2, $3) ORDER BY prediction_id, model, slice LIMIT ${batchRows}`,
      [...after],
    );
    for (const { event, ...where } of rows)
      if (person.has(events.PredictionMade.decode(event).features)) theirs.push(where);
    const last = rows.at(-1);
    if (last === undefined || rows.length < batchRows) return theirs;
    after = [last.prediction_id, last.model, last.slice];
  }
}

/** A prediction goes with all that was done about it. Returns how many facts that were. */
async function removeAll(pool: Pool, theirs: readonly Found[], ids: ReadonlySet<string>): Promise<number> {
  let facts = 0;
  for (let start = 0; start < theirs.length; start += batchRows) {
    const some = theirs.slice(start, start + batchRows);
    await pool.query(
      `DELETE FROM feedback.predictions p USING unnest($1::bigint[], $2::text[], $3::text[]) AS gone (slice, id, model)
       WHERE p.slice = gone.slice AND p.prediction_id = gone.id AND p.model = gone.model`,
      [some.map(({ slice }) => slice), some.map(({ prediction_id: id }) => id), some.map(({ model }) => model)],
    );
  }
  const all = [...ids];
  for (let start = 0; start < all.length; start += batchRows)
    await inTransaction(pool, async (client) => {
      const gone = await client.query('DELETE FROM feedback.facts WHERE prediction_id = ANY ($1)', [
        all.slice(start, start + batchRows),
      ]);
      facts += gone.rowCount ?? 0;
    });
  return facts;
}

/** A frequent value is a category of the features that are counted, and may stand in an alert. */
async function hideNames(pool: Pool, { telling }: Person): Promise<void> {
  for (const form of telling) {
    await pool.query(
      "UPDATE feedback.sums SET state = replace(state, $1, '…') WHERE kind = 'features' AND position($1 in state) > 0",
      [form],
    );
    await pool.query(
      "UPDATE feedback.alerts SET message = replace(message, $1, '…') WHERE position($1 in message) > 0",
      [form],
    );
  }
}

async function countFacts(pool: Pool, ids: ReadonlySet<string>): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM feedback.facts WHERE prediction_id = ANY ($1)',
    [[...ids]],
  );
  return rows[0]?.count ?? 0;
}

/** Bytes that are no message are nobody's. */
async function inBus(
  bus: EventBus,
  name: string,
  dryRun: boolean,
  which: (bytes: Uint8Array) => boolean,
): Promise<feedback.ForgottenRows> {
  const topic: Topic<Uint8Array> = { name, message: name, encode: (bytes) => bytes, decode: (bytes) => bytes };
  const isTheirs = (bytes: Uint8Array): boolean => {
    try {
      return which(bytes);
    } catch {
      return false;
    }
  };
  if (!dryRun) {
    const { erased, left, why } = await bus.erase(topic, isTheirs);
    return { place: `event bus, ${name}`, found: erased + left, left, why };
  }
  let found = 0;
  for await (const { event } of bus.scan(topic)) if (isTheirs(event)) found += 1;
  return { place: `event bus, ${name}`, found, left: found, why: found > 0 ? 'nothing was changed: a dry run' : '' };
}
