import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { newToken, tokenLine } from '@adstocrat/service-kit';
import { TestAuthority } from '@adstocrat/service-kit/testing';
import { numbers, type RunningProcess, ServingUnderTest } from './serving-under-test.ts';

describe('a server with TLS, certificates of clients and tokens', () => {
  const folder = mkdtempSync(join(tmpdir(), 'protection-'));
  const authority = new TestAuthority(folder, 'ours');
  const server = authority.issue('server');
  const client = authority.issue('client');
  const [ca, cert, key] = [authority.ca, client.cert, client.key].map((file) => readFileSync(file));
  const [shop, operator] = [newToken(), newToken()];
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: RunningProcess;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url);
    const tokens = join(folder, 'tokens');
    const lines = [tokenLine('shop', ['predict'], shop), tokenLine('operator', ['read', 'administer'], operator)];
    writeFileSync(tokens, `${lines.join('\n')}\n`, { mode: 0o600 });
    running = await subject.startProcess({
      TLS_CERT: server.cert,
      TLS_KEY: server.key,
      TLS_CLIENT_CA: authority.ca,
      TOKENS_FILE: tokens,
      HOST: '0.0.0.0',
    });
  });
  afterAll(async () => {
    await running.stop();
    await subject.close();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const call = async (method: 'predict' | 'getModelMetadata' | 'handleReloadConfigRequest', token?: string) => {
    const channel = credentials.createSsl(ca, key, cert);
    const predictions = new tfs.PredictionServiceClient(running.address, channel);
    const models = new tfs.ModelServiceClient(running.address, channel);
    const metadata = new Metadata();
    if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
    const modelSpec = tfs.ModelSpec.create({ name: 'ads' });
    const error = await new Promise<ServiceError | null>((done) => {
      if (method === 'predict')
        predictions.predict(
          { ...tfs.PredictRequest.create({ modelSpec }), inputs: new Map([['price', numbers(10)]]) },
          metadata,
          done,
        );
      else if (method === 'getModelMetadata')
        predictions.getModelMetadata({ modelSpec, metadataField: ['signature_def'] }, metadata, done);
      else models.handleReloadConfigRequest(tfs.ReloadConfigRequest.create({}), metadata, done);
    });
    predictions.close();
    models.close();
    return error?.code ?? 0;
  };
  const rest = (path: string, token?: string, body?: string): Promise<number | string> =>
    new Promise((resolve) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const url = running.rest.replace('http:', 'https:') + path;
      request(url, { method: body === undefined ? 'GET' : 'POST', headers, ca, cert, key }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
        .end(body);
    });

  it('answers each caller what its token allows, over TensorFlow Serving’s protocol and V2', async () => {
    // The model may still be loading.
    await expect.poll(() => call('predict', shop), { timeout: 240_000 }).toBe(status.OK);
    const { OK, UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT } = status;
    expect(await call('predict')).toBe(UNAUTHENTICATED);
    expect(await call('predict', operator)).toBe(PERMISSION_DENIED);
    expect([await call('getModelMetadata', shop), await call('getModelMetadata', operator)]).toEqual([
      PERMISSION_DENIED,
      OK,
    ]);
    // An empty configuration is none: the call came through.
    expect([await call('handleReloadConfigRequest', shop), await call('handleReloadConfigRequest', operator)]).toEqual([
      PERMISSION_DENIED,
      INVALID_ARGUMENT,
    ]);
    const predict = ['/v1/models/ads:predict', '{"instances": [{"price": 10}]}'] as const;
    const infer = [
      '/v2/models/ads/infer',
      '{"inputs": [{"name": "price", "shape": [1], "datatype": "FP64", "data": [10]}]}',
    ] as const;
    for (const [path, body] of [predict, infer]) {
      expect(await rest(path, shop, body)).toBe(200);
      expect(await rest(path, operator, body)).toBe(403);
      expect(await rest(path, undefined, body)).toBe(401);
    }
    for (const path of ['/v1/models/ads', '/v2/models/ads', '/monitoring/prometheus/metrics', '/openapi.json']) {
      expect(await rest(path, operator), path).toBe(200);
      expect(await rest(path, shop), path).toBe(403);
    }
    expect(await rest('/v2/repository/models/ads/unload', shop, '')).toBe(403);
    expect(await rest('/v2/health/ready')).toBe(200);
  });

  it('says which setting is wrong, and does not start', async () => {
    const start = (change: Readonly<Record<string, string>>) => subject.startProcess(change, 'wrong');
    await expect(start({ TLS_CERT: join(folder, 'none'), TLS_KEY: server.key })).rejects.toThrow(
      /TLS_CERT: the file .*none cannot be read: there is none/,
    );
    await expect(start({ HOST: '0.0.0.0' })).rejects.toThrow(/HOST: on 0\.0\.0\.0 anyone who reaches this machine/);
  });
});
