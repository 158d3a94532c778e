import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { type ServiceDefinition, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bidirectional, serverStream, unary } from '../grpc-handlers.ts';
import { GrpcServer, type GrpcServerOptions } from '../grpc-server.ts';
import { createLogger } from '../logger.ts';
import { InvalidRequest } from '../service-error.ts';
import { RetryLater } from '../entrance/retry-later.ts';
import { frameOf } from './message-frames.ts';
import { RawCall } from './raw-call.ts';

const logger = createLogger({ service: 'spec', level: 'silent' });
const maxRequestBytes = 1000;
const same = (bytes: Buffer): Buffer => bytes;
const coding = {
  requestSerialize: same,
  requestDeserialize: (bytes: Buffer) => {
    if (String(bytes) === 'undecodable') throw new Error('it is not');
    return bytes;
  },
  responseSerialize: same,
  responseDeserialize: same,
};
const method = (name: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/spec.Wire/${name}`,
  requestStream,
  responseStream,
  ...coding,
});

/** Messages that the handler of `Flood` has made, and those that the one of `Slow` has taken. */
const counted = { made: 0, taken: 0 };
const events: string[] = [];
/** Lets the handler of `Slow` go on. */
let goOn: () => void = () => undefined;

const definition: ServiceDefinition = {
  echo: method('Echo', false, false),
  wait: method('Wait', false, false),
  fail: method('Fail', false, false),
  throws: method('Throws', false, false),
  busy: method('Busy', false, false),
  busily: method('Busily', false, true),
  flood: method('Flood', false, true),
  each: method('Each', true, true),
  slow: method('Slow', true, true),
  reads: method('Reads', true, true),
  absent: method('Absent', false, false),
};
const implementation: UntypedServiceImplementation = {
  echo: unary(logger, (request: Buffer, { sendHeaders, header }) => {
    const note = header('note');
    if (note !== undefined) sendHeaders({ note });
    return Promise.resolve(request);
  }),
  wait: unary(
    logger,
    (_: Buffer, { signal }) =>
      new Promise<Buffer>((_resolve, reject) => {
        events.push('waits');
        signal.addEventListener('abort', () => {
          events.push('cancelled');
          reject(signal.reason as Error);
        });
      }),
  ),
  fail: unary(logger, () => Promise.reject(new InvalidRequest('100 % wrong: ü\n'))),
  busy: unary(logger, () => Promise.reject(new RetryLater('too much', 12.5))),
  busily: serverStream(logger, async function* () {
    yield Buffer.of(1);
    throw new RetryLater('too much', 12.5);
  }),
  throws: () => {
    throw new Error('inside');
  },
  flood: serverStream(logger, async function* () {
    try {
      for (counted.made = 0; counted.made < 10_000; counted.made += 1) yield Buffer.alloc(1000);
    } finally {
      events.push('flood is over');
    }
  }),
  each: bidirectional(logger, async function* (requests: AsyncIterable<Buffer>) {
    for await (const request of requests) yield request;
  }),
  slow: bidirectional(logger, async function* (requests: AsyncIterable<Buffer>) {
    await new Promise<void>((resolve) => (goOn = resolve));
    counted.taken = 0;
    for await (const _ of requests) counted.taken += 1;
    yield Buffer.of(1);
  }),
  reads: bidirectional(logger, async function* (requests: AsyncIterable<Buffer>) {
    yield Buffer.of(1);
    try {
      for await (const request of requests) events.push(String(request));
      events.push('all read');
    } catch {
      events.push('cut off');
    }
  }),
};

async function started(options: Partial<GrpcServerOptions> = {}): Promise<GrpcServer> {
  const server = new GrpcServer({ host: '127.0.0.1', port: 0, logger, ...options });
  server.addService(definition, implementation);
  await server.start();
  return server;
}

const patiently = { timeout: 240_000 };
const message = (text: string): Buffer => frameOf(Buffer.from(text));
const flagged = (flag: number, bytes: Buffer): Buffer => {
  const frame = frameOf(bytes);
  frame[0] = flag;
  return frame;
};
const compressed = (bytes: Buffer): Buffer => flagged(1, bytes);

describe('gRPC on the wire', () => {
  let server: GrpcServer;
  let session: ClientHttp2Session;
  const call = (name: string, headers = {}): RawCall => new RawCall(session, `/spec.Wire/${name}`, headers);
  const ended = async (name: string, headers: object, ...chunks: Buffer[]): Promise<[number, string]> => {
    const { trailers } = await call(name, headers).send(...chunks);
    return [Number(trailers['grpc-status']), decodeURIComponent(String(trailers['grpc-message'] ?? ''))];
  };

  beforeAll(async () => {
    server = await started({ maxRequestBytes });
    session = connect(`http://127.0.0.1:${server.port}`);
  });
  afterAll(async () => {
    session.close();
    await server.stop();
  });

  it('answers with headers, a message and a status in trailers', async () => {
    const { headers, body, trailers } = await call('Echo', { note: 'here' }).send(message('abc'));
    expect([headers[':status'], headers['content-type'], headers['note']]).toEqual([
      200,
      'application/grpc+proto',
      'here',
    ]);
    expect(headers['grpc-accept-encoding']).toBe('identity,gzip,deflate');
    expect(String(body.subarray(5))).toBe('abc');
    expect(trailers['grpc-status']).toBe('0');
  });

  it('answers an empty message, and one of the largest size, cut anywhere', async () => {
    expect((await call('Echo').send(message(''))).body.toString('hex')).toBe('0000000000');
    const largest = frameOf(Buffer.alloc(maxRequestBytes, 7));
    const { body } = await call('Echo').send(largest.subarray(0, 3), largest.subarray(3, 500), largest.subarray(500));
    expect(body.equals(largest)).toBe(true);
  });

  it('says in percent-encoding what went wrong', async () => {
    const { headers, trailers } = await call('Fail').send(message(''));
    // Without messages there are no headers but these.
    expect(headers['grpc-status']).toBe(String(status.INVALID_ARGUMENT));
    expect(trailers['grpc-message']).toMatch(/^[ -~]*$/);
    expect(decodeURIComponent(String(trailers['grpc-message']))).toBe('100 % wrong: ü\n');
  });

  it.each<[string, string, object, readonly Buffer[], number, RegExp]>([
    ['no message', 'Echo', {}, [], status.UNIMPLEMENTED, /no request message/],
    ['two messages', 'Echo', {}, [message('a'), message('b')], status.UNIMPLEMENTED, /second request message/],
    ['half a message', 'Echo', {}, [message('abc').subarray(0, 7)], status.INTERNAL, /ends within a message/],
    ['half a prefix', 'Each', {}, [message('abc').subarray(0, 2)], status.INTERNAL, /ends within a message/],
    ['too long a message', 'Echo', {}, [frameOf(Buffer.alloc(1001))], status.RESOURCE_EXHAUSTED, /1001 vs\. 1000/],
    ['what does not decode', 'Echo', {}, [message('undecodable')], status.INTERNAL, /^Error deserializing request$/],
    ['a name without a method', 'Nothing', {}, [message('')], status.UNIMPLEMENTED, /\/spec\.Wire\/Nothing/],
    ['a method without a handler', 'Absent', {}, [message('')], status.UNIMPLEMENTED, /\/spec\.Wire\/Absent/],
    ['a handler that throws', 'Throws', {}, [message('')], status.INTERNAL, /^internal error .*log has it/],
    ['no time', 'Wait', { 'grpc-timeout': '0m' }, [message('')], status.DEADLINE_EXCEEDED, /Deadline exceeded/],
    ['a time that is none', 'Echo', { 'grpc-timeout': 'soon' }, [message('')], status.INTERNAL, /"soon"/],
    ['compression without a name', 'Echo', {}, [compressed(gzipSync('a'))], status.INTERNAL, /without a grpc-encoding/],
    [
      'compression of another name',
      'Echo',
      { 'grpc-encoding': 'snappy' },
      [compressed(gzipSync('a'))],
      status.UNIMPLEMENTED,
      /"snappy"/,
    ],
    ['a flag of no meaning', 'Echo', {}, [flagged(2, Buffer.of(1))], status.INTERNAL, /unknown flag 2/],
    [
      'compression that is none',
      'Echo',
      { 'grpc-encoding': 'gzip' },
      [compressed(Buffer.from('none'))],
      status.INTERNAL,
      /^Failed to decompress/,
    ],
    [
      'a bomb',
      'Each',
      { 'grpc-encoding': 'deflate' },
      [compressed(deflateSync(Buffer.alloc(100_000)))],
      status.RESOURCE_EXHAUSTED,
      /decompresses to a size larger than 1000/,
    ],
  ])('%s', async (_, name, headers, chunks, code, words) => {
    expect(await ended(name, headers, ...chunks)).toEqual([code, expect.stringMatching(words)]);
  });

  it('names what it takes to who compresses in another way', async () => {
    const { headers } = await call('Echo', { 'grpc-encoding': 'snappy' }).send(compressed(Buffer.of(1)));
    expect([headers['grpc-status'], headers['grpc-accept-encoding']]).toEqual(['12', 'identity,gzip,deflate']);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
  ])('takes %s, in order among messages that are plain', async (encoding, compress) => {
    const frames = [compressed(compress('first')), message('second'), compressed(compress('third')), message('fourth')];
    const { body } = await call('Each', { 'grpc-encoding': encoding }).send(Buffer.concat(frames));
    expect(body.equals(Buffer.concat(['first', 'second', 'third', 'fourth'].map(message)))).toBe(true);
  });

  it.each(['Busy', 'Busily'])('tells by %s, whose handler refuses it, when a call may come again', async (name) => {
    const { trailers } = await call(name).send(message(''));
    expect([Number(trailers['grpc-status']), trailers['grpc-retry-pushback-ms']]).toEqual([
      status.RESOURCE_EXHAUSTED,
      '13',
    ]);
  });

  it.each([
    ['application/grpc;charset=utf-8', 200],
    ['application/grpc+proto', 200],
    ['application/grpc-web', 415],
    ['application/grpc-web+proto', 415],
    ['application/json', 415],
  ])('answers to %s with HTTP status %s', async (type, httpStatus) => {
    const { headers } = await call('Echo', { 'content-type': type }).send(message('a'));
    expect(headers[':status']).toBe(httpStatus);
  });

  it.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])('calls no handler by %s', async (verb) => {
    const { headers, body } = await call('Echo', { ':method': verb }).send(message('a'));
    expect([headers[':status'], headers['allow'], body.length]).toEqual([405, 'POST', 0]);
  });

  it('is for gRPC alone', async () => {
    const socket = connectSocket(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: here\r\n\r\n');
    await once(socket.resume(), 'close');
    expect((await ended('Echo', {}, message('a')))[0]).toBe(status.OK);
  });

  it('tells a handler that its client is gone, or its deadline has passed', async () => {
    events.length = 0;
    const waiting = call('Wait');
    waiting.stream.end(message(''));
    await expect.poll(() => events, patiently).toEqual(['waits']);
    waiting.stream.close(8);
    await expect.poll(() => events, patiently).toEqual(['waits', 'cancelled']);
    events.length = 0;
    expect((await ended('Wait', { 'grpc-timeout': '500m' }, message('')))[0]).toBe(status.DEADLINE_EXCEEDED);
    // On a slow machine it has passed before the handler is called.
    await expect.poll(() => events.length % 2, patiently).toBe(0);
  });

  it('answers on where a client of tight deadlines cancels most of its calls', async () => {
    const client = connect(`http://127.0.0.1:${server.port}`);
    const stays = new RawCall(client, '/spec.Wire/Each');
    stays.stream.write(message('before'));
    for (let n = 0; n < 5000; n += 1) {
      const late = new RawCall(client, '/spec.Wire/Wait');
      late.stream.end(message(''));
      await new Promise(setImmediate);
      late.stream.close(8);
    }
    expect(Number((await stays.send(message('after'))).trailers['grpc-status'])).toBe(status.OK);
    client.close();
  });

  it('answers on where a client sends more empty frames than Node lets a connection have', async () => {
    const socket = connectSocket(server.port, '127.0.0.1');
    const client = connect(`http://127.0.0.1:${server.port}`, { createConnection: () => socket });
    const call = new RawCall(client, '/spec.Wire/Echo');
    await once(client, 'remoteSettings');
    await new Promise((resolve) => client.ping(resolve));
    // DATA of stream 1: no length, no flags. Node's client sends none.
    for (let n = 0; n < 3000; n += 1) socket.write(Buffer.from('000000000000000001', 'hex'));
    expect(Number((await call.send(message('a'))).trailers['grpc-status'])).toBe(status.OK);
    client.close();
  });

  it('does not take a client that is gone for one that has said all', async () => {
    events.length = 0;
    await call('Reads').send(message('one'), message('two'));
    await expect.poll(() => events, patiently).toEqual(['one', 'two', 'all read']);
    // A reset of Node's client says that it has said all, before it resets.
    const client = connect(`http://127.0.0.1:${server.port}`);
    const gone = new RawCall(client, '/spec.Wire/Reads');
    gone.stream.write(message('three'));
    await expect.poll(() => events.at(-1), patiently).toBe('three');
    client.destroy();
    await expect.poll(() => events.at(-1), patiently).toBe('cut off');
  });

  it('ends a call whose request does not come', async () => {
    const impatient = await started({ requestTimeoutMs: 200 });
    const client = connect(`http://127.0.0.1:${impatient.port}`);
    const late = new RawCall(client, '/spec.Wire/Echo');
    late.stream.write(message('abc').subarray(0, 6));
    const { trailers, resetCode } = await late.answer;
    expect(Number(trailers['grpc-status'])).toBe(status.DEADLINE_EXCEEDED);
    // It is cut off by the server, and that is no error of it.
    expect(resetCode).toBe(0);
    client.close();
    await impatient.stop();
  });

  it('makes no more messages than a slow client takes', async () => {
    const slow = call('Flood');
    slow.stream.pause();
    slow.stream.end(message(''));
    await expect.poll(() => counted.made, patiently).toBeGreaterThan(0);
    await sleep(300);
    // Windows of 64 kB and some buffers between.
    expect(counted.made).toBeLessThan(1000);
    slow.stream.resume();
    expect((await slow.answer).body).toHaveLength(10_000 * 1005);
  });

  it('takes no more messages than a slow handler asks for', async () => {
    const flooding = call('Slow');
    const frame = frameOf(Buffer.alloc(1000));
    let sent = 0;
    for (; sent < 10_000 && flooding.stream.write(frame); sent += 1) await new Promise(setImmediate);
    // The client's own window is full: 64 kB, and what it holds itself.
    expect(sent).toBeLessThan(1000);
    flooding.stream.end();
    goOn();
    expect(Number((await flooding.answer).trailers['grpc-status'])).toBe(status.OK);
    expect(counted.taken).toBe(sent + 1);
  });

  it('makes no handler wait for a client that goes while it writes', async () => {
    events.length = 0;
    const client = connect(`http://127.0.0.1:${server.port}`);
    counted.made = 0;
    const slow = new RawCall(client, '/spec.Wire/Flood');
    slow.stream.pause();
    slow.stream.end(message(''));
    await expect.poll(() => counted.made, patiently).toBeGreaterThan(0);
    await sleep(100);
    client.destroy();
    await expect.poll(() => events, patiently).toEqual(['flood is over']);
  });

  it('closes what its client does not take once the deadline has passed', async () => {
    const client = connect(`http://127.0.0.1:${server.port}`);
    const slow = new RawCall(client, '/spec.Wire/Flood', { 'grpc-timeout': '3S' });
    slow.stream.pause();
    slow.stream.end(message(''));
    await once(slow.stream, 'response');
    // CANCEL, after a second in which it might have taken its status.
    slow.stream.on('data', () => slow.stream.pause());
    expect((await slow.answer).resetCode).toBe(8);
    client.destroy();
  });

  it('lets calls in progress end when it stops, and cuts them in a hurry', async () => {
    const other = await started();
    const client = connect(`http://127.0.0.1:${other.port}`);
    const streaming = new RawCall(client, '/spec.Wire/Each');
    streaming.stream.write(message('before'));
    await once(streaming.stream, 'response');
    const hurry = new AbortController();
    const stopped = other.stop(hurry.signal);
    await once(client, 'goaway');
    expect(String((await streaming.send(message('after'))).body)).toContain('after');
    await stopped;

    const cut = await started({ host: 'localhost' });
    const another = connect(`http://localhost:${cut.port}`);
    another.on('error', () => undefined);
    const endless = new RawCall(another, '/spec.Wire/Each');
    endless.stream.write(message('before'));
    await once(endless.stream, 'response');
    // It has said nothing yet, and will not.
    const silent = connectSocket(cut.port, '127.0.0.1');
    silent.on('error', () => undefined);
    await once(silent, 'connect');
    await cut.stop(AbortSignal.abort());
    const { trailers, resetCode } = await endless.answer;
    expect([trailers['grpc-status'], resetCode]).toEqual([undefined, 8]);
  });

  it('does not listen after it was stopped while it started', async () => {
    const hasty = new GrpcServer({ host: 'localhost', port: 0, logger });
    const starts = hasty.start();
    await hasty.stop();
    await starts;
    const refused = once(connectSocket(hasty.port, '127.0.0.1'), 'connect');
    await expect(refused).rejects.toThrow('ECONNREFUSED');
  });
});
