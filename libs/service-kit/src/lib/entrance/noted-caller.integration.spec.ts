import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unary } from '../grpc-handlers.ts';
import { GrpcServer } from '../grpc-server.ts';
import { createLogger } from '../logger.ts';
import { RestServer } from '../rest-server.ts';
import { environmentReader, serviceEnvironment } from '../service-environment.ts';
import { Entrance } from './entrance.ts';
import { callerOf } from './noted-caller.ts';
import { newToken, tokenLine } from './token-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'noted-caller-'));
const logger = createLogger({ service: 'spec', level: 'silent' });
const path = '/spec.Calls/predict';
const same = (bytes: Buffer): Buffer => bytes;
const [shop, desk] = [newToken(), newToken()];

/** A server that answers with its caller's name. */
async function served(open: string): Promise<{ grpc: GrpcServer; rest: RestServer; stop: () => Promise<void> }> {
  const file = join(folder, `tokens-${open}`);
  const lines = [tokenLine('shop', ['predict'], shop), tokenLine('desk', ['predict'], desk)];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const config = environmentReader(serviceEnvironment('spec', 0))({
    EVENT_BUS_URL: 'none',
    DATABASE_URL: 'postgres://none',
    ARTIFACTS_URL: 'file:///none',
    ...(open === '' ? { TOKENS_FILE: file } : {}),
  });
  const entrance = new Entrance(config, { grpc: { [path]: 'predict' }, rest: { '/predict': 'predict' } }, logger);
  const common = { host: '127.0.0.1', port: 0, logger, entrance };
  const grpc = new GrpcServer(common);
  const coding = {
    requestSerialize: same,
    responseSerialize: same,
    requestDeserialize: same,
    responseDeserialize: same,
  };
  grpc.addService(
    { predict: { path, requestStream: false, responseStream: false, ...coding } },
    { predict: unary(logger, (_: Buffer, { caller }) => Promise.resolve(Buffer.from(caller))) },
  );
  const rest = new RestServer({
    ...common,
    bodyLimit: 1000,
    endpoints: '',
    routes: (app) => void app.get('/predict', (_, reply) => ({ caller: callerOf(reply.raw) })),
  });
  const all = [entrance, grpc, rest];
  for (const one of all) await one.start();
  return {
    grpc,
    rest,
    stop: async () => {
      for (const one of [...all].reverse()) await one.stop();
    },
  };
}

async function callers(server: Awaited<ReturnType<typeof served>>, token?: string): Promise<readonly string[]> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const client = new Client(`127.0.0.1:${server.grpc.port}`, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(authorization)) metadata.set(name, value);
  const overGrpc = await new Promise<string>((resolve, reject) =>
    client.makeUnaryRequest(path, same, same, Buffer.alloc(0), metadata, (error, answer) =>
      error === null ? resolve(String(answer)) : reject(error),
    ),
  );
  client.close();
  const response = await fetch(`http://127.0.0.1:${server.rest.port}/predict`, { headers: authorization });
  return [overGrpc, ((await response.json()) as { readonly caller: string }).caller];
}

describe('a call that was let in', () => {
  let [guarded, open]: Awaited<ReturnType<typeof served>>[] = [];
  beforeAll(async () => {
    [guarded, open] = await Promise.all([served(''), served('all')]);
  });
  afterAll(async () => {
    await Promise.all([guarded?.stop(), open?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('is known by its token to who answers it, over gRPC and REST', async () => {
    expect(await callers(guarded!, shop)).toEqual(['token shop', 'token shop']);
    expect(await callers(guarded!, desk)).toEqual(['token desk', 'token desk']);
  });

  it('is known by its address where it has none', async () => {
    expect(await callers(open!)).toEqual(['address 127.0.0.1', 'address 127.0.0.1']);
  });
});
