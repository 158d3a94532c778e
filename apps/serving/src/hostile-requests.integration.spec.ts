import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase } from '@adstocrat/postgres';
import type { tensorflowServing as tfs } from '@adstocrat/schemas';
import { ask, numbers, type RunningProcess, ServingUnderTest, text } from './serving-under-test.ts';

const timeoutMs = 3000;

describe('a hostile request', () => {
  let database: Awaited<ReturnType<typeof testDatabase>>;
  let subject: ServingUnderTest;
  let running: RunningProcess;

  beforeAll(async () => {
    database = await testDatabase();
    subject = await ServingUnderTest.open(database.url);
    running = await subject.startProcess({
      REQUEST_TIMEOUT_MS: String(timeoutMs),
      MAX_REQUEST_BYTES: String(8_000_000),
    });
    await ask(running, { price: numbers(1) });
  });
  afterAll(async () => {
    await running.stop();
    await subject.close();
    await database.drop();
  });

  /** Largest resident memory that the server ever had, bytes. */
  const peakBytes = (): number =>
    Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${running.child.pid}/status`, 'utf8'))?.[1]) * 1024;
  const repeated = (tensor: tfs.TensorProto, rows: bigint): tfs.TensorProto => ({
    ...tensor,
    tensorShape: { dim: [{ size: rows, name: '' }], unknownRank: false },
  });
  const failure = (inputs: Readonly<Record<string, tfs.TensorProto>>): Promise<ServiceError> =>
    ask(running, inputs).then(
      () => Promise.reject(new Error('it was answered')),
      (error: ServiceError) => error,
    );
  const post = (body: string): Promise<Response> =>
    fetch(`${running.rest}/v1/models/ads:predict`, { method: 'POST', body });

  /** How many small requests, one after the other, are answered while another one is in progress. */
  async function answeredBeside(work: Promise<unknown>): Promise<number> {
    let [answered, ended] = [0, false];
    const end = work.finally(() => (ended = true));
    while (!ended) {
      await ask(running, { price: numbers(10) });
      answered += 1;
    }
    await end;
    return answered;
  }

  it('of a few bytes whose shape says a million rows, or more than there are numbers, is refused for nothing', async () => {
    const before = peakBytes();
    for (const rows of [1_000_000n, 50_000_000n, 2n ** 62n]) {
      const inputs = { price: repeated(numbers(1), rows), site: repeated(text('a'), rows) };
      expect(await failure(inputs)).toMatchObject({
        code: status.INVALID_ARGUMENT,
        details: expect.stringMatching(/at most 262144/),
      });
    }
    expect(peakBytes() - before).toBeLessThan(32 * 1024 * 1024);
  });

  it('of as many rows as are allowed, in a few bytes, lets others be answered and takes less than 100 MB', async () => {
    const before = peakBytes();
    const rows = 262_144n;
    const inputs = {
      price: repeated(numbers(1), rows),
      site: repeated(text('a'), rows),
      user: repeated(text('b'), rows),
    };
    const metadata = { 'adstocrat-prediction-log': 'off' };
    const scored = ask(running, inputs, { metadata, outputFilter: ['score'] });
    // 262,144 rows are 1,024 slices, and others have a turn after each: where it is one turn, one is answered.
    expect(await answeredBeside(scored)).toBeGreaterThan(10);
    expect((await scored).scores).toHaveLength(Number(rows));
    expect(peakBytes() - before).toBeLessThan(100 * 1024 * 1024);
  });

  it('of 8,000 rows with a name of its own each is refused at the first, and others do not notice', async () => {
    const instances = Array.from({ length: 8000 }, (_, row) => ({ [`key ${row}`]: 1 }));
    const response = await post(JSON.stringify({ instances }));
    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain('key 0');
  });

  it('of 100,000 rows lets others be answered meanwhile', async () => {
    const body = JSON.stringify({ instances: Array.from({ length: 100_000 }, () => ({ site: 'a', price: 1 })) });
    const answered = post(body).then(async (response) => {
      expect(response.status).toBe(200);
      expect(((await response.json()) as { predictions: unknown[] }).predictions).toHaveLength(100_000);
    });
    expect(await answeredBeside(answered)).toBeGreaterThan(5);
  });

  it.each([
    ['one long string', JSON.stringify({ instances: [{ site: 'x'.repeat(7_000_000) }] }), 400],
    ['7 MB of nesting', '['.repeat(7_000_000), 400],
    ['7 MB of nesting that ends', `{"instances": ${'['.repeat(3_500_000)}${']'.repeat(3_500_000)}}`, 400],
    ['more than is read', JSON.stringify({ instances: [{ site: 'x'.repeat(8_000_000) }] }), 413],
  ])('that is %s gets its status, and the server goes on', async (_, body, code) => {
    const response = await post(body);
    expect(response.status).toBe(code);
    expect(((await response.json()) as { error: string }).error).toMatch(/\w/);
    await ask(running, { price: numbers(1) });
  });

  it('that is more than is read gets its status also where the client sends all of it before it listens', async () => {
    const { hostname, port } = new URL(running.rest);
    const socket = connect(Number(port), hostname);
    const body = Buffer.alloc(32_000_000, ' ');
    socket.write(`POST /v1/models/ads:predict HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`);
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.write(body, (error) => (error == null ? resolve() : reject(error)));
    });
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it('that dribbles in over REST is cut after a time', async () => {
    const { hostname, port } = new URL(running.rest);
    const socket = connect(Number(port), hostname);
    const head = `POST /v1/models/ads:predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`;
    socket.write(head);
    const dribble = setInterval(() => socket.write(' '), 100);
    const answer: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => answer.push(chunk));
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(dribble);
    // A reset may overtake the answer.
    expect(Buffer.concat(answer).toString()).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  /** A call as no stock client makes it. */
  function call(headers: Readonly<Record<string, string>> = {}): ClientHttp2Stream {
    const session = connectHttp2(`http://${running.address}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/tensorflow.serving.PredictionService/Predict',
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    stream.on('error', () => undefined).on('close', () => session.destroy());
    return stream;
  }
  const codeOf = async (stream: ClientHttp2Stream): Promise<number> => {
    const [headers] = (await Promise.race([once(stream, 'trailers'), once(stream, 'response')])) as [
      Record<string, string>,
    ];
    return Number(headers['grpc-status']);
  };
  /** A message with its prefix. */
  const framed = (message: Buffer, compressed = 0): Buffer => {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt8(compressed, 0);
    prefix.writeUInt32BE(message.length, 1);
    return Buffer.concat([prefix, message]);
  };

  it('that dribbles in over gRPC is ended after a time', async () => {
    const stream = call();
    // A message of 1,000 bytes, one at a time.
    stream.write(Buffer.of(0, 0, 0, 3, 232));
    const dribble = setInterval(() => stream.write(Buffer.of(0)), 100);
    expect(await codeOf(stream)).toBe(status.DEADLINE_EXCEEDED);
    clearInterval(dribble);
    stream.close();
  });

  it.each<[string, Buffer, Readonly<Record<string, string>>, readonly status[]]>([
    // Field 1, a group that begins, 5 million times.
    ['5 MB of groups in groups', framed(Buffer.alloc(5_000_000, 0x0b)), {}, [status.INTERNAL, status.INVALID_ARGUMENT]],
    [
      '100 kB that are 100 MB once they are decompressed',
      framed(gzipSync(Buffer.alloc(100_000_000)), 1),
      { 'grpc-encoding': 'gzip' },
      [status.RESOURCE_EXHAUSTED],
    ],
  ])('of %s is refused, and the server goes on', async (_, message, headers, codes) => {
    const before = peakBytes();
    const stream = call(headers);
    stream.end(message);
    // A machine that is busy may not have read it in time.
    expect([...codes, status.DEADLINE_EXCEEDED]).toContain(await codeOf(stream));
    expect(peakBytes() - before).toBeLessThan(150 * 1024 * 1024);
    await ask(running, { price: numbers(1) });
  });
});
