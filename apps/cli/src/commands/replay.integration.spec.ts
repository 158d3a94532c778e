import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { testDatabase } from '@adstocrat/postgres';
import { topics } from '@adstocrat/schemas';
import { replayDeadLetters } from './replay.ts';

it('sends dead letters again once, and says what they had failed on', async () => {
  const database = await testDatabase();
  const bus = new PostgresEventBus({ url: database.url });
  try {
    const handled: string[] = [];
    let mended = false;
    await bus.subscribe(topics.clickSeen, { group: 'spec', maxAttempts: 1 }, (batch) => {
      for (const { event } of batch) {
        if (!mended && event.predictionId === 'bad') throw new RangeError('no such prediction');
        if (!handled.includes(event.predictionId)) handled.push(event.predictionId);
      }
      return Promise.resolve();
    });
    await bus.publish(
      topics.clickSeen,
      ['good', 'bad'].map((predictionId) => ({
        key: predictionId,
        source: 'spec',
        event: { predictionId, eventTimeMs: 1 },
      })),
    );
    for (const end = Date.now() + 5000; handled.length < 1 && Date.now() < end;) await sleep(20);
    await sleep(300);
    mended = true;
    expect(handled).toEqual(['good']);
    expect(await replayDeadLetters(bus, topics.clickSeen, 700)).toEqual({
      events: 1,
      reasons: { 'RangeError: no such prediction': 1 },
    });
    for (const end = Date.now() + 5000; handled.length < 2 && Date.now() < end;) await sleep(20);
    expect(handled).toEqual(['good', 'bad']);
    expect(await replayDeadLetters(bus, topics.clickSeen, 700)).toEqual({ events: 0, reasons: {} });
  } finally {
    await bus.close();
    await database.drop();
  }
});
