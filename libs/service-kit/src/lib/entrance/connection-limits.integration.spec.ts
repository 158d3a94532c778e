import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get as getPlain, type RequestOptions } from 'node:http';
import { get as getSecure } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { TestAuthority } from '../../testing/test-authority.ts';
import { GrpcServer } from '../grpc-server.ts';
import { createLogger } from '../logger.ts';
import { RestServer } from '../rest-server.ts';
import { environmentReader, serviceEnvironment } from '../service-environment.ts';
import { Entrance } from './entrance.ts';

const folder = mkdtempSync(join(tmpdir(), 'connection-limits-'));
const authority = new TestAuthority(folder, 'ours');
const files = authority.issue('server');
const logger = createLogger({ service: 'spec', level: 'silent' });
const parse = environmentReader(serviceEnvironment('spec', 0));
const calls = { grpc: { '/grpc.health.v1.Health/Check': 'health' }, rest: { '/hello': 'read' } } as const;

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Servers that let three connections of an address in, and callers that come from one. */
async function listen(secure: boolean) {
  const entrance = new Entrance(
    parse({
      EVENT_BUS_URL: 'none',
      DATABASE_URL: 'postgres://none',
      ARTIFACTS_URL: 'file:///none',
      CALLER_MAX_CONNECTIONS: '3',
      ...(secure ? { TLS_CERT: files.cert, TLS_KEY: files.key } : {}),
    }),
    calls,
    logger,
  );
  const common = { host: '127.0.0.1', port: 0, logger, entrance };
  const grpc = new GrpcServer(common);
  const routes: ConstructorParameters<typeof RestServer>[0]['routes'] = (app) => void app.get('/hello', () => ({}));
  const rest = new RestServer({ ...common, bodyLimit: 1000, endpoints: '', routes });
  for (const one of [entrance, grpc, rest]) {
    await one.start();
    stops.push(() => one.stop());
  }
  const ca = readFileSync(authority.ca);
  return {
    entrance,
    ports: [grpc.port, rest.port],
    get: (localAddress: string): Promise<number | string> =>
      new Promise((resolve) => {
        const options: RequestOptions = {
          host: '127.0.0.1',
          port: rest.port,
          path: '/hello',
          agent: false,
          localAddress,
        };
        const request = secure ? getSecure({ ...options, ca }) : getPlain(options);
        request.on('response', (response) => resolve(response.resume().statusCode ?? 0));
        request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      }),
    check: async (): Promise<boolean> => {
      const client = new Client(
        `127.0.0.1:${grpc.port}`,
        secure ? credentials.createSsl(ca) : credentials.createInsecure(),
        { 'grpc.use_local_subchannel_pool': 1 },
      );
      const bytes = (): Buffer => Buffer.alloc(0);
      const answered = await new Promise<boolean>((resolve) => {
        client.makeUnaryRequest('/grpc.health.v1.Health/Check', bytes, bytes, null, (error) => resolve(error === null));
      });
      client.close();
      return answered;
    },
  };
}

async function connected(port: number, count: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => connect({ host: '127.0.0.1', port }));
  stops.push(() => sockets.forEach((socket) => socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

describe.each([
  ['plain', false],
  ['TLS', true],
])('listeners that are %s', (_, secure) => {
  it('let in so many connections of one address, others of another, and again once they have ended', async () => {
    const { entrance, ports, get } = await listen(secure);
    const [one, two] = await Promise.all([connected(ports[0]!, 2), connected(ports[1]!, 1)]);
    await expect.poll(() => entrance.connections.open).toBe(3);
    for (let n = 0; n < 5; n += 1) expect(await get('127.0.0.1')).toBe('ECONNRESET');
    expect(await get('127.0.0.2')).toBe(200);
    for (const socket of [...one, ...two]) socket.destroy();
    await expect.poll(() => entrance.connections.open).toBe(0);
    expect(await get('127.0.0.1')).toBe(200);
  });

  it('forget every connection that has ended', async () => {
    const { entrance, get, check } = await listen(secure);
    for (let n = 0; n < 8; n += 1) {
      expect(await get('127.0.0.1')).toBe(200);
      expect(await check()).toBe(true);
      await expect.poll(() => entrance.connections.open).toBe(0);
    }
  });
});
