import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { environmentReader, serviceEnvironment } from '@adstocrat/service-kit';
import { GrpcServer, unary } from '@adstocrat/service-kit/grpc';
import { RestServer } from '@adstocrat/service-kit/rest';
import { openPlatform } from './open-platform.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
const logger = pino({ level: 'silent' });
const same = (bytes: Buffer): Buffer => bytes;
const listSpans = {
  path: '/adstocrat.ingestion.v1.IngestionService/ListSpans',
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  responseSerialize: same,
  requestDeserialize: same,
  responseDeserialize: same,
} as const;

/** A service that asks its registry in each call, at a database's port. */
async function serviceAt(databasePort: number) {
  const url = `postgres://nobody@127.0.0.1:${databasePort}/none`;
  const parse = environmentReader(serviceEnvironment('spec', 0));
  const config = parse({ EVENT_BUS_URL: url, DATABASE_URL: url, ARTIFACTS_URL: 'file:///none' });
  const { metadata, bus, entrance } = await openPlatform('spec', config, logger, new AbortController().signal);
  closing.push(
    () => metadata.close(),
    () => bus.close(),
  );
  const common = { host: '127.0.0.1', port: 0, entrance, logger };
  const grpc = new GrpcServer(common);
  const listed = unary<Buffer, Buffer>(logger, async () => {
    await metadata.listSpans('task');
    return Buffer.alloc(0);
  });
  grpc.addService({ listSpans }, { listSpans: listed });
  const rest = new RestServer({
    ...common,
    bodyLimit: 1000,
    endpoints: '',
    routes: (app) => void app.get('/v2', () => metadata.listSpans('task')),
  });
  for (const server of [grpc, rest]) {
    await server.start();
    closing.push(() => server.stop());
  }
  const client = new Client(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
  closing.push(async () => client.close());
  return { client, url: `http://127.0.0.1:${rest.port}/v2` };
}

describe('a service on a platform whose database is away', () => {
  it.each(['takes connections and says nothing', 'takes none'])(
    'answers UNAVAILABLE and 503 where it %s',
    async (how) => {
      const sockets = new Set<Socket>();
      const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as { readonly port: number };
      closing.push(async () => {
        for (const socket of sockets) socket.destroy();
        silent.close();
      });
      if (how === 'takes none') silent.close();
      const { client, url } = await serviceAt(port);
      const called = new Promise<ServiceError | null>((resolve) => {
        client.makeUnaryRequest(listSpans.path, same, same, Buffer.alloc(0), (error) => resolve(error));
      });
      const [error, response] = await Promise.all([called, fetch(url)]);
      expect(error?.code).toBe(status.UNAVAILABLE);
      expect(response.status).toBe(503);
      for (const text of [error?.details, await response.text()])
        expect(text).toMatch(/a dependency of this service does not answer/);
    },
  );
});
