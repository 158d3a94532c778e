import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { type events, topics } from '@adstocrat/schemas';
import { PersonalKeys } from '@adstocrat/service-kit';
import { ask, type Running, ServingUnderTest, text } from './serving-under-test.ts';

const hex = 'ab'.repeat(32);
const [key] = PersonalKeys.parse(hex, 'a test').all;

describe('a model with personal columns', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  const servers: Running[] = [];

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url, 1, {
      personal: { key: key?.id ?? '', columns: { user: 'hash' } },
    });
  });
  afterAll(async () => {
    for (const server of servers) await server.stop();
    await subject.close();
    await database.drop();
  });
  const start = async (environment: Readonly<Record<string, string>>, workDir: string): Promise<Running> => {
    const server = await subject.start(environment, workDir);
    servers.push(server);
    return server;
  };

  it('is not served where its key is not, and says which it is', async () => {
    const { rest } = await start({ PERSONAL_KEYS: 'cd'.repeat(32) }, 'without');
    const states = async (): Promise<string> => (await fetch(`${rest}/v1/models/ads`)).text();
    await expect.poll(states, { timeout: 240_000 }).toContain(`pseudonyms of the personal key ${key?.id}`);
  });

  it('logs pseudonyms in place of values, and shows no value that it refuses', async () => {
    const server = await start({ PERSONAL_KEYS: `${'cd'.repeat(32)},${hex}` }, 'with');
    const made: events.PredictionMade[] = [];
    const heard = await subject.bus.subscribe(topics.predictionMade, { group: 'test' }, (batch) => {
      made.push(...batch.map(({ event }) => event));
      return Promise.resolve();
    });
    const once = (): Promise<unknown> => ask(server, { user: text('Ann Smith'), prediction_id: text('one') });
    // The version is loaded in the background.
    await expect.poll(() => once().catch((error: Error) => error.message), { timeout: 240_000 }).toMatchObject({});
    await expect.poll(() => made.length, { timeout: 240_000 }).toBeGreaterThan(0);
    await heard.close();
    expect(made[0]?.features['user']?.text).toBe(key?.pseudonym('Ann Smith'));
    const refused = ask(server, { user: text('Ann \u0000 Smith') });
    await expect(refused).rejects.toThrow(/input "user", row 0: a value that is not shown here is none of its type/);
    await expect(refused).rejects.not.toThrow(/Smith/);
  });
});
