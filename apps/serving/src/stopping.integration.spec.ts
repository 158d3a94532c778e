import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SteadyLoad } from '@adstocrat/campaigns';
import { testDatabase } from '@adstocrat/postgres';
import { type RunningProcess, ServingUnderTest } from './serving-under-test.ts';

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
    const start = (name: string): Promise<RunningProcess> => subject.startProcess({ DRAIN_MS: '2000' }, name);
    const [goes, stays] = await Promise.all([start('a'), start('b')]);
    const load = new SteadyLoad([goes, stays]);
    await load.more(60);
    const ended = once(goes.child, 'exit');
    goes.child.kill('SIGTERM');
    // By itself, and well.
    expect(await ended).toEqual([0, null]);
    await load.more(60);
    const { answered, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThanOrEqual(120);
    await stays.stop();
  }, 600_000);
});
