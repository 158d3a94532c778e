import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import { openInference as v2 } from '@adstocrat/schemas';
import { type Running, ServingUnderTest } from '../serving-under-test.ts';
import { KServeClient } from './kserve-client.ts';

/** Version n answers sigmoid(n − 4). */
const score = expect.closeTo(1 / (1 + Math.exp(3)), 6) as number;
const floats = (bytes: unknown): number[] => {
  const copy = Uint8Array.from(bytes as Uint8Array);
  return Array.from(new Float32Array(copy.buffer));
};

describe('the Open Inference Protocol', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: Running;
  let kserve: KServeClient;
  let triton: v2.GRPCInferenceServiceClient;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url, 2);
    running = await subject.start();
    kserve = new KServeClient(running.address);
    triton = new v2.GRPCInferenceServiceClient(running.address, credentials.createInsecure());
  });
  afterAll(async () => {
    kserve.close();
    triton.close();
    await running.stop();
    await subject.close();
    await database.drop();
  });

  const call = (method: string, request: object, metadata = new Metadata()): Promise<Record<string, unknown>> =>
    kserve.call(method, request, metadata);
  const price = (...values: readonly number[]): object => ({
    name: 'price',
    datatype: 'FP64',
    shape: [values.length],
    contents: { fp64_contents: values },
  });

  interface Rest {
    readonly code: number;
    readonly headers: Headers;
    readonly bytes: Buffer;
    readonly json: Record<string, unknown>;
  }
  const rest = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Rest> => {
    const sent = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const response = await fetch(`${running.rest}${path}`, {
      method,
      headers,
      body: (sent ?? null) as string | Buffer<ArrayBuffer> | null,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const length = response.headers.get('inference-header-content-length');
    const json = bytes.toString('utf8', 0, length === null ? bytes.length : Number(length));
    return {
      code: response.status,
      headers: response.headers,
      bytes,
      json: (json === '' ? {} : JSON.parse(json)) as Record<string, unknown>,
    };
  };

  describe('over gRPC, from the original descriptors of KServe', () => {
    it('tells what lives, what is ready and what is there', async () => {
      expect(await call('ServerLive', {})).toEqual({ live: true });
      expect(await call('ServerReady', {})).toEqual({ ready: true });
      expect(await call('ModelReady', { name: 'ads' })).toEqual({ ready: true });
      expect(await call('ModelReady', { name: 'ads', version: '1' })).toEqual({ ready: true });
      for (const request of [{ name: 'bids' }, { name: 'ads', version: '2' }, { name: 'ads', version: 'v10' }, {}])
        expect(await call('ModelReady', request)).toEqual({ ready: false });
      expect(await call('ServerMetadata', {})).toMatchObject({ name: 'adstocrat', version: '0.1.0' });
      expect(await call('ModelMetadata', { name: 'ads' })).toMatchObject({
        name: 'ads',
        versions: ['1'],
        inputs: [
          { name: 'site', datatype: 'BYTES', shape: ['-1', '1'] },
          { name: 'user', datatype: 'BYTES', shape: ['-1', '1'] },
          { name: 'price', datatype: 'FP64', shape: ['-1', '1'] },
          { name: 'shown_at', datatype: 'BYTES', shape: ['-1', '1'] },
          { name: 'prediction_id', datatype: 'BYTES', shape: ['-1', '1'] },
        ],
        outputs: [
          { name: 'score', datatype: 'FP32', shape: ['-1'] },
          { name: 'prediction_id', datatype: 'BYTES', shape: ['-1'] },
        ],
      });
    });

    it('answers typed contents with typed contents, by version, label and split', async () => {
      for (const version of ['', '1', 'stable']) {
        const answer = await call('ModelInfer', {
          model_name: 'ads',
          model_version: version,
          id: `${version}-id`,
          inputs: [
            price(1, NaN),
            {
              name: 'site',
              datatype: 'BYTES',
              shape: [2, 1],
              contents: { bytes_contents: [Buffer.from('news'), Buffer.of()] },
            },
          ],
          outputs: [{ name: 'prediction_id' }, { name: 'score' }],
        });
        expect(answer).toMatchObject({
          model_name: 'ads',
          model_version: '1',
          id: `${version}-id`,
          outputs: [
            { name: 'prediction_id', datatype: 'BYTES', shape: ['2'] },
            { name: 'score', datatype: 'FP32', shape: ['2'], contents: { fp32_contents: [score, score] } },
          ],
        });
        const [ids] = answer['outputs'] as { readonly contents: { readonly bytes_contents: Buffer[] } }[];
        expect(ids?.contents.bytes_contents.map(String)).toEqual([`${version}-id/0`, `${version}-id/1`]);
      }
    });

    it('answers raw contents with raw contents', async () => {
      const answer = await call('ModelInfer', {
        model_name: 'ads',
        inputs: [{ name: 'price', datatype: 'FP32', shape: [3] }],
        raw_input_contents: [Buffer.from(Float32Array.of(1, 2, 3).buffer)],
      });
      expect(answer).toMatchObject({ outputs: [{ name: 'score', datatype: 'FP32', shape: ['3'] }] });
      expect((answer['raw_output_contents'] as Buffer[]).map(floats)).toEqual([[score, score, score]]);
    });

    const raw = { inputs: [{ name: 'price', datatype: 'FP32', shape: [2] }], raw_input_contents: [Buffer.alloc(8)] };
    const invalid = status.INVALID_ARGUMENT;
    it.each<{ why: string; request: object; code: status; says: RegExp }>([
      {
        why: 'an unknown model',
        request: { model_name: 'bids', inputs: [price(1)] },
        code: status.NOT_FOUND,
        says: /^Request for unknown model: 'bids' is not found$/,
      },
      {
        why: 'an unknown version',
        request: { model_name: 'ads', model_version: '2', inputs: [price(1)] },
        code: status.NOT_FOUND,
        says: /^Request for unknown model: 'ads' version 2 is not found$/,
      },
      {
        why: 'an unknown label',
        request: { model_name: 'ads', model_version: 'constructor', inputs: [price(1)] },
        code: status.NOT_FOUND,
        says: /version constructor is not found$/,
      },
      { why: 'no input', request: { id: 'q' }, code: invalid, says: /^\[request id: q\] expected at least 1 input/ },
      {
        why: 'an unknown input',
        request: { inputs: [{ ...price(1), name: 'prize' }] },
        code: invalid,
        says: /^unexpected inference input 'prize' for model 'ads'$/,
      },
      {
        why: 'an unknown output',
        request: { inputs: [price(1)], outputs: [{ name: 'scores' }] },
        code: invalid,
        says: /^unexpected inference output 'scores' for model 'ads'$/,
      },
      {
        why: 'another datatype',
        request: {
          id: 'q',
          inputs: [{ name: 'price', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('1')] } }],
        },
        code: invalid,
        says: /^\[request id: q\] inference input 'price' data-type is 'BYTES', but model 'ads' expects 'FP64'$/,
      },
      {
        why: 'another shape',
        request: { inputs: [{ ...price(1, 2), shape: [1, 2] }] },
        code: invalid,
        says: /^\[request id: <id_unknown>\] unexpected shape for input 'price' for model 'ads'\. Expected \[-1\] or \[-1,1\], got \[1,2\]$/,
      },
      {
        why: 'a shape of 10^12',
        request: { inputs: [{ ...price(1), shape: ['1000000000000'] }] },
        code: invalid,
        says: /input "price" has 1000000000000 rows: at most 262144 are answered at once/,
      },
      {
        why: 'a negative shape',
        request: { inputs: [{ ...price(1), shape: [-1] }] },
        code: invalid,
        says: /shape \[-1\]/,
      },
      {
        why: 'uneven inputs',
        request: {
          inputs: [
            price(1, 2),
            { name: 'site', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('a')] } },
          ],
        },
        code: invalid,
        says: /price.*2.*site.*1|site.*1.*price.*2/,
      },
      {
        why: 'contents beside raw data',
        request: { ...raw, inputs: [price(1)] },
        code: invalid,
        says: /contents field must not be specified when using raw_input_contents for 'price' for model 'ads'/,
      },
      {
        why: 'short raw data',
        request: { ...raw, raw_input_contents: [Buffer.alloc(7)] },
        code: invalid,
        says: /input "price" has 7 bytes of data: 2 elements of FP32 have 8/,
      },
      { why: 'an infinite number', request: { inputs: [price(Infinity)] }, code: invalid, says: /"price", row 0/ },
      {
        why: 'text that is no UTF-8',
        request: {
          inputs: [{ name: 'site', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.of(0xff)] } }],
        },
        code: invalid,
        says: /"site", row 0/,
      },
    ])('refuses $why', async ({ request, code, says }) => {
      const error = await call('ModelInfer', { model_name: 'ads', ...request }).then(
        () => ({ code: status.OK, details: '' }),
        (thrown: ServiceError) => thrown,
      );
      expect(error.details).toMatch(says);
      expect(error.code).toBe(code);
    });
  });

  describe('over gRPC, in the dialect of Triton', () => {
    const ask = <Q, R>(
      method: (request: Q, callback: (error: ServiceError | null, answer: R) => void) => unknown,
      request: Q,
    ): Promise<R> =>
      new Promise((resolve, reject) =>
        method.call(triton, request, (error, answer) => (error === null ? resolve(answer) : reject(error))),
      );

    it('has a configuration whose batches are rows', async () => {
      const { config } = await ask<v2.ModelConfigRequest, v2.ModelConfigResponse>(triton.modelConfig, {
        name: 'ads',
        version: '',
      });
      expect(config).toMatchObject({ name: 'ads', backend: 'onnxruntime', maxBatchSize: 262_144 });
      expect(config?.input.map(({ name, dataType, optional }) => [name, dataType, optional])).toContainEqual([
        'price',
        v2.DataType.TYPE_FP64,
        true,
      ]);
      // Triton's tools take none of an output without a dimension.
      expect(config?.output.map(({ name, dims }) => [name, dims])).toContainEqual(['score', [1n]]);
    });

    it('counts rows and requests', async () => {
      const counts = async (): Promise<bigint[]> => {
        const { modelStats } = await ask<v2.ModelStatisticsRequest, v2.ModelStatisticsResponse>(
          triton.modelStatistics,
          { name: 'ads', version: '1' },
        );
        const [one] = modelStats;
        return [one?.inferenceCount ?? -1n, one?.executionCount ?? -1n, one?.inferenceStats?.fail?.count ?? -1n];
      };
      const [rows = 0n, requests = 0n, failures = 0n] = await counts();
      await call('ModelInfer', { model_name: 'ads', inputs: [price(1, 2, 3)] });
      await expect(call('ModelInfer', { model_name: 'ads', inputs: [] })).rejects.toThrow();
      expect(await counts()).toEqual([rows + 3n, requests + 1n, failures + 1n]);
    });

    it('lists what it holds', async () => {
      const { models } = await ask<v2.RepositoryIndexRequest, v2.RepositoryIndexResponse>(triton.repositoryIndex, {
        repositoryName: '',
        ready: true,
      });
      expect(models).toEqual([{ name: 'ads', version: '1', state: 'READY', reason: '' }]);
    });

    it('answers a stream in order, and goes on after an error', async () => {
      const stream = triton.modelStreamInfer();
      const answers: string[] = [];
      stream.on('data', ({ errorMessage, inferResponse }: v2.ModelStreamInferResponse) => {
        answers.push(`${inferResponse?.id}: ${errorMessage || inferResponse?.outputs[0]?.name}`);
      });
      for (let at = 0; at < 5; at += 1)
        stream.write(
          v2.ModelInferRequest.create({
            modelName: at === 2 ? 'bids' : 'ads',
            id: `s-${at}`,
            inputs: [v2.ModelInferRequest_InferInputTensor.create({ name: 'price', datatype: 'FP64', shape: [1n] })],
            rawInputContents: [Buffer.alloc(8)],
          }),
        );
      stream.end();
      await once(stream, 'end');
      expect(answers).toEqual([
        's-0: score',
        's-1: score',
        "s-2: Request for unknown model: 'bids' is not found",
        's-3: score',
        's-4: score',
      ]);
    });

    it('refuses a message of a million empty tensors, unread', async () => {
      const message = Buffer.alloc(2_000_000);
      // Field 5, inputs, of length 0.
      for (let at = 0; at < message.length; at += 2) message[at] = 0x2a;
      const { path } = v2.GRPCInferenceServiceService.modelInfer;
      const error = await new Promise<ServiceError | null>((resolve) => {
        triton.makeUnaryRequest(
          path,
          (bytes: Buffer) => bytes,
          (bytes: Buffer) => bytes,
          message,
          (thrown) => resolve(thrown),
        );
      });
      expect(error?.code).toBe(status.INVALID_ARGUMENT);
      expect(error?.details).toMatch(/has 1000000 tensors and parameters: at most 65536 are answered at once/);
    });

    it('lets a stream go that its client leaves', async () => {
      const stream = triton.modelStreamInfer();
      stream.on('error', () => undefined);
      stream.write(v2.ModelInferRequest.create({ modelName: 'ads' }));
      await once(stream, 'data');
      stream.cancel();
      await once(stream, 'close').catch(() => undefined);
      expect(await call('ServerLive', {})).toEqual({ live: true });
    });
  });

  describe('over REST', () => {
    const infer = '/v2/models/ads/infer';
    const inputs = [{ name: 'price', shape: [2], datatype: 'FP32', data: [1.5, 2] }];

    it('tells what lives, what is ready and what is there', async () => {
      expect(await rest('GET', '/v2')).toMatchObject({ code: 200, json: { name: 'adstocrat' } });
      expect(await rest('GET', '/v2/health/live')).toMatchObject({ code: 200, json: { live: true } });
      expect(await rest('GET', '/v2/health/ready')).toMatchObject({ code: 200, json: { ready: true } });
      for (const path of ['/v2/models/ads', '/v2/models/ads/versions/1', '/v2/models/ads/versions/stable']) {
        expect(await rest('GET', `${path}/ready`)).toMatchObject({ code: 200, json: { name: 'ads', ready: true } });
        expect((await rest('GET', path)).json).toMatchObject({
          name: 'ads',
          versions: ['1'],
          outputs: [{ name: 'score', datatype: 'FP32', shape: [-1] }, { name: 'prediction_id' }],
        });
        expect((await rest('GET', `${path}/config`)).json).toMatchObject({
          max_batch_size: 262_144,
          input: expect.arrayContaining([expect.objectContaining({ name: 'price', data_type: 'TYPE_FP64' })]),
        });
        expect((await rest('GET', `${path}/stats`)).json).toMatchObject({
          model_stats: [{ name: 'ads', version: '1', inference_stats: { success: { count: expect.any(Number) } } }],
        });
      }
      expect((await rest('GET', '/v2/models/ads/versions/2/ready')).code).toBe(400);
      expect((await rest('POST', '/v2/repository/index')).json).toEqual([
        { name: 'ads', version: '1', state: 'READY', reason: '' },
      ]);
    });

    it('answers JSON with JSON, whatever the client calls it', async () => {
      for (const type of ['application/json', 'application/x-www-form-urlencoded', '']) {
        const answer = await rest('POST', infer, JSON.stringify({ id: 'r', inputs }), { 'Content-Type': type });
        expect(answer.json).toEqual({
          model_name: 'ads',
          model_version: '1',
          id: 'r',
          outputs: [{ name: 'score', datatype: 'FP32', shape: [2], data: [score, score] }],
        });
        // No more digits than a 32-bit float needs.
        expect(answer.bytes.toString()).toMatch(/"data":\[0\.0\d{6,9},/);
        expect(answer.headers.get('adstocrat-prediction-id')).toBe('r%2F0,r%2F1');
      }
    });

    it('takes and gives binary tensors, compressed or not', async () => {
      const data = Buffer.from(Float32Array.of(1, 2).buffer);
      const json = JSON.stringify({
        inputs: [{ name: 'price', shape: [2], datatype: 'FP32', parameters: { binary_data_size: 8 } }],
        outputs: [{ name: 'score', parameters: { binary_data: true } }],
      });
      const body = Buffer.concat([Buffer.from(json), data]);
      const headers = { 'Inference-Header-Content-Length': String(json.length), 'Accept-Encoding': 'identity' };
      const answer = await rest('POST', infer, body, headers);
      expect(answer.json).toMatchObject({ outputs: [{ name: 'score', parameters: { binary_data_size: 8 } }] });
      expect(floats(answer.bytes.subarray(-8))).toEqual([score, score]);
      const gzipped = await rest('POST', infer, gzipSync(body), { ...headers, 'Content-Encoding': 'gzip' });
      expect(gzipped.bytes.subarray(-8)).toEqual(answer.bytes.subarray(-8));
    });

    it.each([
      { coding: 'gzip', undo: gunzipSync },
      { coding: 'deflate', undo: inflateSync },
    ])('compresses with $coding for who asks', async ({ coding, undo }) => {
      const asked = request(`${running.rest}${infer}`, { method: 'POST', headers: { 'Accept-Encoding': coding } });
      asked.end(JSON.stringify({ inputs }));
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      const body = Buffer.concat(await response.toArray());
      expect(response.headers['content-encoding']).toBe(coding);
      expect(JSON.parse(undo(body).toString())).toMatchObject({ model_name: 'ads' });
    });

    it.each<{
      why: string;
      method?: string;
      path?: string;
      body?: unknown;
      headers?: Record<string, string>;
      code: number;
      says: RegExp;
    }>([
      { why: 'an unknown route', method: 'GET', path: '/v2/modells', code: 404, says: /nothing at GET \/v2\/modells/ },
      {
        why: 'an unknown route of a model',
        method: 'POST',
        path: '/v2/models/ads/explain',
        body: '{}',
        code: 404,
        says: /nothing at POST/,
      },
      { why: 'GET where POST is expected', method: 'GET', path: infer, code: 405, says: /POST is expected/ },
      { why: 'DELETE of a model', method: 'DELETE', path: '/v2/models/ads', code: 405, says: /GET is expected/ },
      {
        why: 'an unknown model',
        path: '/v2/models/bids/infer',
        body: '{',
        code: 404,
        says: /^Request for unknown model: 'bids' is not found$/,
      },
      {
        why: 'metadata of an unknown model',
        method: 'GET',
        path: '/v2/models/bids',
        code: 404,
        says: /'bids' is not found/,
      },
      {
        why: 'readiness of an unknown model',
        method: 'GET',
        path: '/v2/models/bids/ready',
        code: 404,
        says: /'bids' is not found/,
      },
      {
        why: 'an unknown version',
        path: '/v2/models/ads/versions/9/infer',
        body: '{}',
        code: 404,
        says: /version 9 is not found/,
      },
      { why: 'no body', code: 400, says: /^failed to parse the request JSON buffer/ },
      { why: 'no JSON', body: '{"inputs": [', code: 400, says: /^failed to parse the request JSON buffer/ },
      { why: 'no inputs', body: {}, code: 400, says: /Unable to parse 'inputs'/ },
      { why: 'an empty list of inputs', body: { inputs: [] }, code: 400, says: /expected at least 1 input/ },
      { why: 'deep nesting', body: '['.repeat(1_000_000), code: 400, says: /failed to parse/ },
      {
        why: 'a datatype of another column',
        body: { inputs: [{ ...inputs[0], name: 'site' }] },
        code: 400,
        says: /input 'site' data-type is 'FP32', but model 'ads' expects 'BYTES'/,
      },
      {
        why: 'a shape that its data does not fill, naming the request',
        body: { id: 'q7', inputs: [{ ...inputs[0], shape: [9] }] },
        code: 400,
        says: /^\[request id: q7\] input "/,
      },
      {
        why: 'null among integers, naming the request',
        body: { id: 'q7', inputs: [{ name: 'price', datatype: 'INT64', shape: [1], data: [null] }] },
        code: 400,
        says: /^\[request id: q7\] input "price"/,
      },
      {
        why: 'an input that there is not, in Triton’s words',
        body: { id: 'q7', inputs: [{ ...inputs[0], name: 'zz' }] },
        code: 400,
        says: /^unexpected inference input 'zz' for model 'ads'$/,
      },
      {
        why: 'a long header',
        body: { inputs },
        headers: { 'Inference-Header-Content-Length': '999' },
        code: 400,
        says: /Inference-Header-Content-Length/,
      },
      {
        why: 'another compression',
        body: { inputs },
        headers: { 'Content-Encoding': 'br' },
        code: 501,
        says: /Unsupported compression type/,
      },
      { why: 'no gzip', body: { inputs }, headers: { 'Content-Encoding': 'gzip' }, code: 400, says: /no gzip stream/ },
      {
        why: 'a bomb',
        body: gzipSync(Buffer.alloc(70_000_000)),
        headers: { 'Content-Encoding': 'gzip' },
        code: 413,
        says: /more than \d+ bytes/,
      },
    ])('refuses $why with $code', async ({ method = 'POST', path = infer, body, headers, code, says }) => {
      const answer = await rest(method, path, body, headers);
      expect(Object.keys(answer.json)).toEqual(['error']);
      expect(answer.json['error']).toMatch(says);
      expect(answer.code).toBe(code);
    });
  });

  describe('loads and unloads models', () => {
    it.each<{ dialect: string; load: () => Promise<unknown>; unload: () => Promise<unknown> }>([
      {
        dialect: 'KServe over gRPC',
        load: () => call('RepositoryModelLoad', { model_name: 'ads' }),
        unload: () => call('RepositoryModelUnload', { model_name: 'ads' }),
      },
      {
        dialect: 'Triton over gRPC',
        load: () =>
          new Promise((resolve, reject) =>
            triton.repositoryModelLoad(v2.RepositoryModelLoadRequest.create({ modelName: 'ads' }), (error, answer) =>
              error === null ? resolve(answer) : reject(error),
            ),
          ),
        unload: () =>
          new Promise((resolve, reject) =>
            triton.repositoryModelUnload(
              v2.RepositoryModelUnloadRequest.create({ modelName: 'ads' }),
              (error, answer) => (error === null ? resolve(answer) : reject(error)),
            ),
          ),
      },
      {
        dialect: 'Triton over REST',
        load: () => rest('POST', '/v2/repository/models/ads/load'),
        unload: () => rest('POST', '/v2/repository/models/ads/unload', { parameters: { unload_dependents: false } }),
      },
    ])('for $dialect', async ({ load, unload }) => {
      await unload();
      expect(await call('ModelReady', { name: 'ads' })).toEqual({ ready: false });
      const refused = await rest('POST', '/v2/models/ads/infer', { inputs: [] });
      expect(refused).toMatchObject({
        code: 404,
        json: { error: "Request for unknown model: 'ads' has no available versions" },
      });
      expect(await rest('POST', '/v2/models/ads/versions/1/infer', {})).toMatchObject({
        code: 503,
        json: { error: "Request for unknown model: 'ads' version 1 is not at ready state" },
      });
      // What is deployed meanwhile waits.
      await subject.deploy([1], { stable: 1 });
      await sleep(300);
      expect(await call('ModelReady', { name: 'ads' })).toEqual({ ready: false });
      expect((await rest('POST', '/v2/repository/index', { ready: true })).json).toEqual([]);
      await load();
      expect(await call('ModelReady', { name: 'ads' })).toEqual({ ready: true });
    });

    it('refuses what is not there, and files of strangers', async () => {
      expect(await rest('POST', '/v2/repository/models/bids/load')).toMatchObject({
        code: 500,
        json: { error: "failed to load 'bids', failed to poll from model repository" },
      });
      expect((await rest('POST', '/v2/repository/models/bids/unload')).code).toBe(404);
      expect(
        await rest('POST', '/v2/repository/models/ads/load', { parameters: { 'file:1/model.onnx': 'AA==' } }),
      ).toMatchObject({ code: 400, json: { error: expect.stringMatching(/load parameter 'file:1\/model\.onnx'/) } });
      expect((await rest('POST', '/v2/repository/models/ads/load', '{')).code).toBe(400);
    });

    it('for none but who holds the token of the server', async () => {
      const guarded = await subject.start({ SERVICE_TOKEN: 'a-token-of-this-spec' }, 'guarded');
      const client = new KServeClient(guarded.address);
      try {
        const load = `${guarded.rest}/v2/repository/models/ads/load`;
        expect((await fetch(load, { method: 'POST' })).status).toBe(401);
        await expect(client.call('RepositoryModelUnload', { model_name: 'ads' }, new Metadata())).rejects.toMatchObject(
          {
            code: status.UNAUTHENTICATED,
          },
        );
        const authorization = 'Bearer a-token-of-this-spec';
        expect((await fetch(load, { method: 'POST', headers: { authorization } })).status).toBe(200);
        const metadata = new Metadata();
        metadata.set('authorization', authorization);
        await client.call('RepositoryModelUnload', { model_name: 'ads' }, metadata);
        expect(await client.call('ModelReady', { name: 'ads' }, new Metadata())).toEqual({ ready: false });
      } finally {
        client.close();
        await guarded.stop();
      }
    });
  });
});
