import { setTimeout as sleep } from 'node:timers/promises';
import type { EventBus, IncomingEvent, OutgoingEvent, Topic } from '@adstocrat/event-bus';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { topics } from '@adstocrat/schemas';
import type { Ground } from '../ground/ground.ts';
import type { SystemClock } from './system-clock.ts';

/** One event in so many comes again. */
const oneIn = 16;

/**
 * Publishes some predictions and labels a second time under ids of their own, as happens to dead letters that are sent again: the log
 * cannot know them, their consumers must. Of predictions only those of the slice that is not over: what comes a window and the grace after
 * its slice is a new prediction to feedback.
 * Resolves to how many, once they are taken in; throws where that takes longer than `withinS`.
 */
export async function deliverAgain(
  bus: EventBus,
  options: {
    readonly ground: Ground;
    readonly clock: SystemClock;
    readonly withinS: number;
  },
): Promise<{ readonly predictions: number; readonly labels: number }> {
  const { ground, clock, withinS } = options;
  const until = Date.now() + withinS * 1000;
  const beganMs = await sliceOf(ground.database.url, clock.nowMs());
  const isOfSlice = ({ appendedMs }: IncomingEvent<unknown>): boolean => clock.at(appendedMs) >= beganMs;
  return {
    predictions: await again(bus, topics.predictionMade, { group: 'feedback', until, isMeant: isOfSlice }),
    labels: await again(bus, topics.exampleLabelled, { group: 'ingestion', until, isMeant: () => true }),
  };
}

/** When feedback's slice of a time begins; never, where it has none yet. */
async function sliceOf(databaseUrl: string, timeMs: number): Promise<number> {
  const pool = openPool(databaseUrl);
  try {
    const { rows } = await pool.query<{ from_ms: number }>(
      'SELECT from_ms FROM feedback.slices WHERE from_ms <= $1 AND to_ms > $1',
      [Math.floor(timeMs)],
    );
    return rows[0]?.from_ms ?? Infinity;
  } finally {
    await closePool(pool);
  }
}

async function again<T>(
  bus: EventBus,
  topic: Topic<T>,
  options: {
    readonly group: string;
    readonly until: number;
    readonly isMeant: (event: IncomingEvent<unknown>) => boolean;
  },
): Promise<number> {
  const { group, until, isMeant } = options;
  const chosen: OutgoingEvent<NoInfer<T>>[] = [];
  let seen = 0;
  for await (const one of bus.scan(topic)) {
    if (!isMeant(one)) continue;
    const { id, key, event } = one;
    if (seen % oneIn === 0) chosen.push({ id: `again/${id}`, key, source: 'campaign', event });
    seen += 1;
  }
  await bus.publish(topic, chosen);
  while ((await bus.lag(topic.name, group)) > 0) {
    if (Date.now() > until) throw new Error(`${group} has not handled ${topic.name} in time`);
    await sleep(200);
  }
  return chosen.length;
}
