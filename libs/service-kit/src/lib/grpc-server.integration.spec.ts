import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, makeClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { afterEach, describe, expect, it } from 'vitest';
import { GrpcServer } from './grpc-server.ts';
import { isServing } from './is-serving.ts';
import { createLogger } from './logger.ts';

const logger = createLogger({ service: 'spec', level: 'silent' });
const servers: GrpcServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function started(health: () => Promise<Readonly<Record<string, boolean>>>): Promise<() => Promise<string>> {
  const server = new GrpcServer({ host: '127.0.0.1', port: 0, logger, health });
  servers.push(server);
  await server.start();
  const Health = makeClientConstructor(service, 'Health');
  const client = new Health(`127.0.0.1:${server.port}`, credentials.createInsecure());
  return () =>
    new Promise((resolve, reject) => {
      (
        client as unknown as {
          check(request: object, done: (error: Error | null, answer: { readonly status: string }) => void): void;
        }
      ).check({ service: '' }, (error, answer) => {
        if (error === null) resolve(answer.status);
        else reject(error);
      });
    });
}

describe('GrpcServer', () => {
  it('is SERVING only while every dependency answers', async () => {
    const answers = { database: true, 'event bus': false };
    const check = await started(() => Promise.resolve(answers));
    expect(await check()).toBe('NOT_SERVING');
    answers['event bus'] = true;
    for (const end = Date.now() + 240_000; (await check()) !== 'SERVING' && Date.now() < end;) await sleep(20);
    expect(await check()).toBe('SERVING');
    answers.database = false;
    for (const end = Date.now() + 240_000; (await check()) === 'SERVING' && Date.now() < end;) await sleep(20);
    expect(await check()).toBe('NOT_SERVING');
  });

  it('is not SERVING when asking a dependency throws', async () => {
    const check = await started(() => Promise.reject(new Error('away')));
    expect(await check()).toBe('NOT_SERVING');
  });

  it('names the port that is taken and the variable that sets it', async () => {
    const taker = createServer().listen(0, '127.0.0.1');
    await once(taker, 'listening');
    const { port } = taker.address() as { readonly port: number };
    const server = new GrpcServer({ host: '127.0.0.1', port, logger });
    servers.push(server);
    await expect(server.start()).rejects.toThrow(
      new RegExp(`port ${port} on 127\\.0\\.0\\.1 cannot be used.*set GRPC_PORT`),
    );
    taker.close();
  });

  it('tells whose it is to a health check that names the system', async () => {
    const server = new GrpcServer({
      host: '127.0.0.1',
      port: 0,
      logger,
      systemId: 'mine',
    });
    servers.push(server);
    await server.start();
    expect(await isServing(`127.0.0.1:${server.port}`, 'mine')).toBe(true);
    expect(await isServing(`127.0.0.1:${server.port}`, 'another')).toBe(false);
    expect(await isServing(`127.0.0.1:${server.port}`)).toBe(true);
  });
});
