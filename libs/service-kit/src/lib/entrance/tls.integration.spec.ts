import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type ChannelCredentials, Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type IssuedFiles, TestAuthority } from '../../testing/test-authority.ts';
import { GrpcServer } from '../grpc-server.ts';
import { createLogger } from '../logger.ts';
import { RestServer } from '../rest-server.ts';
import { environmentReader, serviceEnvironment } from '../service-environment.ts';
import { ClientTls } from './client-tls.ts';
import { Entrance } from './entrance.ts';
import type { CallScopes } from './scope.ts';

const folder = mkdtempSync(join(tmpdir(), 'tls-'));
const authority = new TestAuthority(folder, 'ours');
const server = authority.issue('server');
const client = authority.issue('client');
const strangers = new TestAuthority(folder, 'strangers');
const stranger = strangers.issue('stranger');
const logger = createLogger({ service: 'spec', level: 'silent' });
const parse = environmentReader(serviceEnvironment('spec', 0));
type Environment = Readonly<Record<string, string>>;
const configOf = (change: Environment) =>
  parse({ EVENT_BUS_URL: 'none', DATABASE_URL: 'postgres://none', ARTIFACTS_URL: 'file:///none', ...change });

const calls: CallScopes = { grpc: { '/grpc.health.v1.Health/Check': 'health' }, rest: { '/hello': 'read' } };

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function listen(change: Environment): Promise<{ readonly grpc: string; readonly rest: number }> {
  const entrance = new Entrance(configOf(change), calls, logger);
  const common = { host: '127.0.0.1', port: 0, logger, entrance };
  const grpc = new GrpcServer(common);
  const rest = new RestServer({
    ...common,
    bodyLimit: 1000,
    endpoints: '',
    routes: (app) => void app.get('/hello', () => ({ hello: true })),
  });
  for (const one of [entrance, grpc, rest]) {
    await one.start();
    stops.push(() => one.stop());
  }
  return { grpc: `127.0.0.1:${grpc.port}`, rest: rest.port };
}

/** By HTTPS: the status, or why there is no answer. */
function ask(port: number, ca: string, own?: IssuedFiles): Promise<number | string> {
  const identity = own === undefined ? {} : { cert: readFileSync(own.cert), key: readFileSync(own.key) };
  return new Promise((resolve) => {
    get({ host: '127.0.0.1', port, path: '/hello', agent: false, ca: readFileSync(ca), ...identity }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
}

/** Over gRPC: OK, or why there is no answer. */
function check(address: string, channel = credentials.createInsecure()): Promise<string> {
  const client = new Client(address, channel);
  const bytes = (): Buffer => Buffer.alloc(0);
  return new Promise((resolve) => {
    const done = (error: ServiceError | null): void => {
      client.close();
      resolve(error === null ? 'OK' : error.details);
    };
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      bytes,
      bytes,
      null,
      { deadline: Date.now() + 240_000 },
      done,
    );
  });
}

const refused = /No connection established/;

const channel = (ca: string, own?: IssuedFiles): ChannelCredentials =>
  credentials.createSsl(
    readFileSync(ca),
    own === undefined ? null : readFileSync(own.key),
    own === undefined ? null : readFileSync(own.cert),
  );

describe('listeners with TLS_CERT and TLS_KEY', () => {
  it('speak TLS alone, to clients that know the authority', async () => {
    const { grpc, rest } = await listen({ TLS_CERT: server.cert, TLS_KEY: server.key });
    expect(await check(grpc, channel(authority.ca))).toBe('OK');
    expect(await check(grpc, channel(strangers.ca))).toMatch(refused);
    expect(await check(grpc)).toMatch(refused);
    expect(await ask(rest, authority.ca)).toBe(200);
    expect(await ask(rest, strangers.ca)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
    await expect(fetch(`http://127.0.0.1:${rest}/hello`)).rejects.toThrow();
  });

  it('let only clients in that a certificate of TLS_CLIENT_CA names', async () => {
    const { grpc, rest } = await listen({
      TLS_CERT: server.cert,
      TLS_KEY: server.key,
      TLS_CLIENT_CA: authority.ca,
    });
    expect(await check(grpc, channel(authority.ca, client))).toBe('OK');
    expect(await ask(rest, authority.ca, client)).toBe(200);
    for (const wrong of [undefined, stranger]) {
      expect(await check(grpc, channel(authority.ca, wrong))).toMatch(refused);
      expect(await ask(rest, authority.ca, wrong)).toEqual(expect.any(String));
    }
  });

  it('show another certificate to who comes after its files have changed, and keep the old one for a wrong file', async () => {
    const files = { cert: join(folder, 'changing.pem'), key: join(folder, 'changing.key') };
    const put = (from: IssuedFiles): void => {
      copyFileSync(from.key, files.key);
      copyFileSync(from.cert, files.cert);
    };
    put(server);
    const { grpc, rest } = await listen({ TLS_CERT: files.cert, TLS_KEY: files.key });
    const shown = (port: number): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(
          { host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] },
          () => {
            resolve(String(socket.getPeerCertificate().subject.CN));
            socket.destroy();
          },
        ).on('error', reject);
      });
    const ports = [Number(grpc.split(':')[1]), rest];
    const all = (): Promise<readonly string[]> => Promise.all(ports.map(shown));
    expect(await all()).toEqual(['server', 'server']);
    writeFileSync(files.cert, 'no certificate');
    put(authority.issue('renewed'));
    await expect.poll(all, { timeout: 240_000 }).toEqual(['renewed', 'renewed']);
    writeFileSync(files.key, 'no key');
    await expect.poll(() => ask(rest, authority.ca), { timeout: 240_000 }).toBe(200);
    expect(await check(grpc, channel(authority.ca))).toBe('OK');
  });
});

describe('ClientTls', () => {
  it('knows the authority, shows its certificate, and takes up both when the files change', async () => {
    const { grpc } = await listen({ TLS_CERT: server.cert, TLS_KEY: server.key, TLS_CLIENT_CA: authority.ca });
    const files = { cert: join(folder, 'later.pem'), key: join(folder, 'later.key') };
    copyFileSync(stranger.cert, files.cert);
    copyFileSync(stranger.key, files.key);
    const tls = new ClientTls({ TLS_CA: authority.ca, TLS_CLIENT_CERT: files.cert, TLS_CLIENT_KEY: files.key }, logger);
    await tls.start();
    stops.push(() => tls.stop());
    const own = tls.grpcCredentials();
    expect(await check(grpc, own)).toMatch(refused);
    copyFileSync(client.key, files.key);
    copyFileSync(client.cert, files.cert);
    await expect.poll(() => check(grpc, own), { timeout: 240_000 }).toBe('OK');
  });
});

describe('what is wrong with TLS is said by the variable', () => {
  const text = join(folder, 'text');
  writeFileSync(text, 'text');
  const { cert: TLS_CERT, key: TLS_KEY } = server;
  it.each<[string, Environment, string, RegExp]>([
    ['a certificate without its key', { TLS_CERT }, 'TLS_KEY', /needed with TLS_CERT/],
    ['a key without its certificate', { TLS_KEY }, 'TLS_CERT', /needed with TLS_KEY/],
    ['clients’ authority alone', { TLS_CLIENT_CA: authority.ca }, 'TLS_CERT', /needed with TLS_CLIENT_CA/],
    ['no such file', { TLS_CERT: join(folder, 'none'), TLS_KEY }, 'TLS_CERT', /none cannot be read: there is none/],
    ['a folder', { TLS_CERT: folder, TLS_KEY }, 'TLS_CERT', /it is a folder/],
    ['no certificate', { TLS_CERT: text, TLS_KEY }, 'TLS_CERT', /no certificate in PEM/],
    ['no key', { TLS_CERT, TLS_KEY: text }, 'TLS_KEY', /no private key in PEM/],
    ['another’s key', { TLS_CERT, TLS_KEY: client.key }, 'TLS_KEY', /another key than that of the certificate/],
    ['no authority', { TLS_CERT, TLS_KEY, TLS_CLIENT_CA: text }, 'TLS_CLIENT_CA', /no certificate/],
  ])('%s', (_, change, variable, message) => {
    expect(() => new Entrance(configOf(change), calls, logger)).toThrow(
      expect.objectContaining({ variable, message: expect.stringMatching(message) as string }),
    );
  });

  it.each<[string, Environment, string]>([
    ['a certificate without an authority', { TLS_CLIENT_CERT: client.cert, TLS_CLIENT_KEY: client.key }, 'TLS_CA'],
    ['one without its key', { TLS_CA: authority.ca, TLS_CLIENT_CERT: client.cert }, 'TLS_CLIENT_KEY'],
    ['no authority', { TLS_CA: text }, 'TLS_CA'],
  ])('of clients: %s', (_, change, variable) => {
    expect(() => new ClientTls(change, logger)).toThrow(expect.objectContaining({ variable }));
  });
});
