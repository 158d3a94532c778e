import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, makeClientConstructor, type ServiceError, status } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { ask, numbers, type Running, ServingUnderTest } from '../serving-under-test.ts';

interface Health {
  check(request: { service: string }, done: (error: ServiceError | null, answer?: { status: string }) => void): void;
  watch(request: { service: string }): {
    on(event: 'data', heard: (answer: { status: string }) => void): unknown;
    on(event: 'error', heard: (error: Error) => void): unknown;
  };
  close(): void;
}
const healthOf = ({ address }: Running): Health =>
  new (makeClientConstructor(service, 'Health'))(address, credentials.createInsecure()) as unknown as Health;

describe('health', () => {
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

  const check = (health: Health, name: string): Promise<string> =>
    new Promise((resolve) =>
      health.check({ service: name }, (error, answer) =>
        resolve(error === null ? (answer?.status ?? '') : (status[error.code] ?? '')),
      ),
    );

  it('is not SERVING without a database and with an empty work folder', async () => {
    const away = 'postgres://127.0.0.1:1/none';
    const running = await subject.start({ DATABASE_URL: away, EVENT_BUS_URL: away }, 'empty');
    const health = healthOf(running);
    try {
      expect(await check(health, '')).toBe('NOT_SERVING');
      expect(await check(health, 'ads')).toBe('NOT_FOUND');
      expect((await fetch(`${running.rest}/v2/health/ready`)).ok).toBe(false);
      expect((await fetch(`${running.rest}/v2/health/live`)).ok).toBe(true);
    } finally {
      health.close();
      await running.stop();
    }
  });

  it('tells each model by name, and who watches only what changes; a stop is said before anything closes', async () => {
    const running = await subject.startProcess({ DRAIN_MS: '2500' });
    const health = healthOf(running);
    try {
      expect(await Promise.all(['', 'ads', 'bids'].map((name) => check(health, name)))).toEqual([
        'SERVING',
        'SERVING',
        'NOT_FOUND',
      ]);
      expect((await fetch(`${running.rest}/v2/health/ready`)).ok).toBe(true);
      const heard: string[] = [];
      for (const name of ['', 'ads']) {
        const watch = health.watch({ service: name });
        watch.on('data', ({ status: said }) => heard.push(`${name} ${said}`));
        watch.on('error', () => undefined);
      }
      // More than two rounds of the server's own look.
      await sleep(2200);
      expect(heard.toSorted()).toEqual([' SERVING', 'ads SERVING']);
      const ended = once(running.child, 'exit');
      running.child.kill('SIGTERM');
      while (heard.length < 4) await sleep(10);
      expect(heard.slice(2).toSorted()).toEqual([' NOT_SERVING', 'ads NOT_SERVING']);
      // Still answered, over both protocols, on connections that were there and on new ones.
      expect((await ask(running, { price: numbers(10) })).version).toBe(1);
      const answer = await fetch(`${running.rest}/v1/models/ads:predict`, {
        method: 'POST',
        body: '{"instances": [{"price": 1}]}',
      });
      expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
      expect((await fetch(`${running.rest}/v2/health/ready`)).ok).toBe(false);
      expect((await ended)[0]).toBe(0);
    } finally {
      health.close();
      await running.stop();
    }
  });
});
