import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PermanentFailure } from '@adstocrat/event-bus';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { type TestDatabase, testDatabase } from '@adstocrat/postgres';
import { topics } from '@adstocrat/schemas';
import { summariseLetters } from './letter-summary.ts';
import { replayLetters } from './replay-letters.ts';

const click = (
  predictionId: string,
): { readonly predictionId: string; readonly eventTimeMs: number; readonly model: string } => ({
  predictionId,
  eventTimeMs: 1,
  model: 'm',
});

describe('dead letters', () => {
  let database: TestDatabase;
  let bus: PostgresEventBus;
  beforeAll(async () => {
    database = await testDatabase();
    bus = new PostgresEventBus({ url: database.url });
  });
  afterAll(async () => {
    await bus.close();
    await database.drop();
  });
  const handled = async (topic: string, group: string): Promise<void> => {
    await expect.poll(() => bus.lag(topic, group), { timeout: 240_000 }).toBe(0);
  };

  it('are listed by group and reason, and sent again once, whoever reads them when', async () => {
    const seen: string[] = [];
    let mended = false;
    for (const group of ['spec', 'another'])
      await bus.subscribe(topics.clickSeen, { group }, (batch) => {
        const ids = batch.map(({ event }) => event.predictionId);
        if (!mended && ids.includes('bad')) throw new PermanentFailure(`${group} knows no such prediction`);
        if (group === 'spec') seen.push(...ids);
        return Promise.resolve();
      });
    const events = ['good', 'bad'].map((predictionId) => ({
      key: predictionId,
      source: 'spec',
      event: click(predictionId),
    }));
    await bus.publish(topics.clickSeen, events);
    await handled('click.seen', 'spec');
    await handled('click.seen', 'another');
    const letters = await summariseLetters(bus, topics.clickSeen);
    expect(letters).toMatchObject({ topic: 'click.seen', kept: 2, waiting: 2 });
    expect(letters.reasons.map(({ group, reason, count }) => `${count} ${group} ${reason}`).sort()).toEqual([
      '1 another PermanentFailure: another knows no such prediction',
      '1 spec PermanentFailure: spec knows no such prediction',
    ]);

    mended = true;
    expect((await replayLetters(bus, topics.clickSeen)).events).toBe(2);
    await handled('click.seen', 'spec');
    // One event of each letter; whoever handles them drops what it has.
    expect(seen).toEqual(['good', 'bad', 'bad']);
    expect(await replayLetters(bus, topics.clickSeen)).toEqual({ events: 0, cut: 0, reasons: {} });
    expect(await summariseLetters(bus, topics.clickSeen)).toMatchObject({ kept: 2, waiting: 0 });
  });
});
