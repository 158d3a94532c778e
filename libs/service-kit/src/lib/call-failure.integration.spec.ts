import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pino } from 'pino';
import { callFailure } from './call-failure.ts';
import { serverStream, unary } from './grpc-handlers.ts';
import { GrpcServer } from './grpc-server.ts';
import { RestServer } from './rest-server.ts';

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
const same = (bytes: Buffer): Buffer => bytes;
const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

describe('an error of the inside', () => {
  it('is answered and logged under one id, and told to the log alone', async () => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    const fail = (): Promise<never> => Promise.reject(new Error('relation "secret" does not exist'));
    const common = { host: '127.0.0.1', port: 0, logger };
    const grpc = new GrpcServer(common);
    const fails = {
      path: '/spec.Calls/Fails',
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      responseSerialize: same,
      requestDeserialize: same,
      responseDeserialize: same,
    } as const;
    grpc.addService({ fails }, { fails: unary(logger, fail) });
    const rest = new RestServer({
      ...common,
      bodyLimit: 100,
      endpoints: '',
      routes: (app) => void app.get('/fails/:what', fail),
    });
    for (const one of [grpc, rest]) {
      await one.start();
      stops.push(() => one.stop());
    }
    const client = new Client(`127.0.0.1:${grpc.port}`, credentials.createInsecure());
    stops.push(async () => client.close());
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(fails.path, same, same, Buffer.alloc(0), (one) => resolve(one));
    });
    const response = await fetch(`http://127.0.0.1:${rest.port}/fails/what-a-stranger-says`);
    expect([error?.code, response.status]).toEqual([status.INTERNAL, 500]);
    const { error: text } = (await response.json()) as { readonly error: string };
    const told = new RegExp(`^internal error (${uuid}): the service's log has it under this id$`);
    const ids = [error?.details ?? '', text].map((one) => told.exec(one)?.[1]);
    const logged = lines.filter(({ msg }) => msg === 'call failed');
    expect(logged.map(({ errorId }) => errorId)).toEqual(ids);
    expect(logged.map(({ call }) => call)).toEqual(['/spec.Calls/Fails', 'GET /fails/:what']);
    for (const { err } of logged) expect(err).toMatchObject({ message: 'relation "secret" does not exist' });
  });
});

describe('an answer that cannot be encoded', () => {
  it.each([
    { what: 'the one of a call', responseStream: false },
    { what: 'one of a stream', responseStream: true },
  ])('fails as what went wrong inside: $what', async ({ responseStream }) => {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    const server = new GrpcServer({ host: '127.0.0.1', port: 0, logger });
    const answers = {
      path: '/spec.Calls/Answers',
      requestStream: false,
      responseStream,
      requestSerialize: same,
      responseSerialize: (answer: { readonly rows: number }): Buffer => {
        if (answer.rows > 1) throw new RangeError(`invalid int32: ${answer.rows}`);
        return Buffer.from('good');
      },
      requestDeserialize: same,
      responseDeserialize: same,
    };
    const rowsOf = (request: Buffer): number => request.length;
    server.addService({ answers } as never, {
      answers: responseStream
        ? serverStream<Buffer, object>(logger, async function* (request) {
            yield { rows: 0 };
            yield { rows: rowsOf(request) };
          })
        : unary<Buffer, object>(logger, async (request) => ({ rows: rowsOf(request) })),
    });
    await server.start();
    const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    stops.push(
      () => server.stop(),
      async () => client.close(),
    );
    const ask = (request: string): Promise<readonly (string | ServiceError)[]> =>
      new Promise((resolve) => {
        const got: (string | ServiceError)[] = [];
        const bytes = Buffer.from(request);
        if (responseStream)
          client
            .makeServerStreamRequest(answers.path, same, same, bytes)
            .on('data', (message: Buffer) => got.push(String(message)))
            .on('error', (error: ServiceError) => resolve([...got, error]))
            .on('end', () => resolve(got));
        else
          client.makeUnaryRequest(answers.path, same, same, bytes, (error, message) =>
            resolve([error ?? String(message)]),
          );
      });
    const before = responseStream ? ['good'] : [];
    expect(await ask('1')).toEqual([...before, 'good']);
    const failed = (await ask('12')) as readonly ServiceError[];
    expect(failed.slice(0, -1)).toEqual(before);
    expect(failed.at(-1)?.code).toBe(status.INTERNAL);
    const id = new RegExp(`^internal error (${uuid}): the service's log has it`).exec(
      failed.at(-1)?.details ?? '',
    )?.[1];
    const logged = lines.filter(({ msg }) => msg === 'call failed');
    expect(logged).toMatchObject([{ errorId: id, call: '/spec.Calls/Answers', err: { message: 'invalid int32: 2' } }]);
    expect(id).toBeDefined();
  });
});

describe('a full disk', () => {
  it('is told with what to do, and the place to the log alone', () => {
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    const full = Object.assign(new Error("ENOSPC: no space left on device, write '/secret/a'"), { code: 'ENOSPC' });
    const failure = callFailure(new Error('copying', { cause: full }), '/spec.Calls/Looks', logger);
    expect(failure.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(failure.message).toMatch(new RegExp(`^a disk of this service is full: free some of it.* under ${uuid}$`));
    expect(failure.message).not.toContain('secret');
    expect(lines.join('')).toContain('ENOSPC');
  });
});

describe('an error in the log', () => {
  it('has its kind, text, code and causes, and nothing else that it carries', () => {
    const script = `
      const { createLogger } = await import(${JSON.stringify(join(import.meta.dirname, 'logger.ts'))});
      const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', detail: 'Key (user)=(ann)' });
      createLogger({ service: 'spec' }).error({ err: Object.assign(new Error('asked', { cause }), { code: 'X', row: { user: 'ann' } }) }, 'said');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const { err } = JSON.parse(stdout) as { readonly err: Readonly<Record<string, unknown>> };
    expect(err).toEqual({ type: 'Error', message: 'asked: refused', code: 'X', stack: expect.any(String) as string });
    expect(stdout).not.toContain('ann');
  });
});
