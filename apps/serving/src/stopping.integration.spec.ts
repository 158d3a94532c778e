import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { type RunningProcess, ServingUnderTest } from './serving-under-test.ts';
import { SteadyLoad } from './steady-load.ts';

describe('a stop', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url);
  });
  afterAll(async () => {
    await subject.close();
    await database.drop();
  });

  it('fails no request, over gRPC nor REST, where another server is there to go to', async () => {
    const start = (name: string): Promise<RunningProcess> => subject.startProcess({ DRAIN_MS: '500' }, name);
    const [a, b, stays] = await Promise.all([start('a'), start('b'), start('c')]);
    const load = new SteadyLoad([a, b, stays]);
    for (const server of [a, b]) {
      await load.more(60);
      const ended = once(server.child, 'exit');
      server.child.kill('SIGTERM');
      // By itself, and well.
      expect(await ended).toEqual([0, null]);
    }
    await load.more(60);
    const { answered, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(180);
    await stays.stop();
  }, 60_000);
});
