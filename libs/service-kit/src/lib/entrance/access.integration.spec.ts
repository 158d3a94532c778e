import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { GrpcServer } from '../grpc-server.ts';
import { createLogger } from '../logger.ts';
import { RestServer } from '../rest-server.ts';
import { environmentReader, serviceEnvironment } from '../service-environment.ts';
import { Entrance } from './entrance.ts';
import { LoadShedder, type Place } from './load-shedder.ts';
import { type CallScopes, type Openable, type Scope } from './scope.ts';
import { newToken, tokenLine } from './token-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'access-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const logger = createLogger({ service: 'spec', level: 'silent' });
const calls: CallScopes = {
  grpc: {
    '/grpc.health.v1.Health/Check': 'health',
    '/spec.Calls/predict': 'predict',
    '/spec.Calls/read': 'read',
    '/spec.Calls/administer': 'administer',
  },
  rest: {
    '/health': 'health',
    '/predict': 'predict',
    'GET /thing': 'read',
    '/thing': 'administer',
    '/metrics': 'metrics',
  },
};
type Environment = Readonly<Record<string, string>>;

function entranceOf(change: Environment, besideServiceToken?: readonly Openable[]): Entrance {
  const parse = environmentReader(serviceEnvironment('spec', 0, besideServiceToken));
  const config = parse({
    EVENT_BUS_URL: 'none',
    DATABASE_URL: 'postgres://none',
    ARTIFACTS_URL: 'file:///none',
    ...change,
  });
  return new Entrance(config, calls, logger);
}

const service = 'a-token-of-this-spec';
const [shop, operator, later] = [newToken(), newToken(), newToken()];
let files = 0;
function tokensFile(...lines: readonly string[]): string {
  const file = join(folder, `tokens-${(files += 1)}`);
  writeFileSync(file, `# tokens of the spec\n\n${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}
const line = (name: string, scopes: readonly Scope[], token: string): string => tokenLine(name, scopes, token);
const usual = (): string =>
  tokensFile(line('shop', ['predict'], shop), line('operator', ['read', 'administer'], operator));

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const same = (bytes: Buffer): Buffer => bytes;
const method = (path: string) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: same,
  responseSerialize: same,
  requestDeserialize: same,
  responseDeserialize: same,
});
const echo = (call: { readonly request: Buffer }, done: (error: null, value: Buffer) => void): void =>
  done(null, call.request);

/** A server that asks and tells what came of it: a gRPC code and an HTTP status. */
async function served(entrance: Entrance, shedder = new LoadShedder(Infinity)) {
  const common = { host: '127.0.0.1', port: 0, logger, entrance, shedder };
  const grpc = new GrpcServer(common);
  const names = ['predict', 'read', 'administer'];
  grpc.addService(
    Object.fromEntries(names.map((name) => [name, method(`/spec.Calls/${name}`)])),
    Object.fromEntries(names.map((name) => [name, echo])),
  );
  const rest = new RestServer({
    ...common,
    bodyLimit: 1000,
    endpoints: '',
    routes: (app) => {
      for (const path of ['/health', '/thing', '/metrics']) app.get(path, () => ({ path }));
      for (const path of ['/predict', '/thing']) app.post(path, () => ({ path }));
    },
  });
  for (const one of [entrance, grpc, rest]) {
    await one.start();
    stops.push(() => one.stop());
  }
  const clientOf = (port: number): Client => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    stops.push(async () => client.close());
    return client;
  };
  const usualClient = clientOf(grpc.port);
  return {
    administration: () => clientOf(grpc.adminPort ?? 0),
    call: (
      path: string,
      authorization?: string,
      body = Buffer.alloc(0),
      client = usualClient,
      deadline?: number,
    ): Promise<ServiceError | null> => {
      const metadata = new Metadata();
      if (authorization !== undefined) metadata.set('authorization', authorization);
      return new Promise((resolve) => {
        const options = deadline === undefined ? {} : { deadline };
        client.makeUnaryRequest(path, same, same, body, metadata, options, (error) => resolve(error));
      });
    },
    fetch: (request: string, authorization?: string): Promise<Response> => {
      const [verb = '', path = ''] = request.split(' ');
      return fetch(`http://127.0.0.1:${rest.port}${path}`, {
        method: verb,
        headers: authorization === undefined ? {} : { authorization },
        body: verb === 'POST' ? '{}' : null,
      });
    },
  };
}

describe('tokens', () => {
  it('let their bearer do what their scopes say, and no more, over gRPC and REST', async () => {
    const { call, fetch } = await served(entranceOf({ TOKENS_FILE: usual() }));
    const may = async (token: string | undefined) => {
      const authorization = token === undefined ? undefined : `Bearer ${token}`;
      const grpc = ['predict', 'read', 'administer'].map(
        async (name) => (await call(`/spec.Calls/${name}`, authorization))?.code ?? 0,
      );
      const rest = ['POST /predict', 'GET /thing', 'HEAD /thing', 'POST /thing', 'GET /metrics'].map(
        async (request) => (await fetch(request, authorization)).status,
      );
      return [await Promise.all(grpc), await Promise.all(rest)];
    };
    const { UNAUTHENTICATED: no, PERMISSION_DENIED: denied } = status;
    expect(await may(shop)).toEqual([
      [0, denied, denied],
      [200, 403, 403, 403, 403],
    ]);
    expect(await may(operator)).toEqual([
      [denied, 0, 0],
      [403, 200, 200, 200, 200],
    ]);
    for (const none of [undefined, later])
      expect(await may(none)).toEqual([
        [no, no, no],
        [401, 401, 401, 401, 401],
      ]);
    expect(await call('/grpc.health.v1.Health/Check')).toBeNull();
    expect((await fetch('GET /health')).status).toBe(200);
    expect((await fetch('GET /nothing')).status).toBe(404);
  });

  it('are refused in any other writing', async () => {
    const { call, fetch } = await served(entranceOf({ TOKENS_FILE: usual(), SERVICE_TOKEN: service }));
    expect(await call('/spec.Calls/predict', `bearer ${shop}`)).toBeNull();
    for (const wrong of [
      '',
      'Bearer ',
      shop,
      `Bearer ${shop}x`,
      `Bearer ${shop} x`,
      `Bearer ${shop.slice(0, -1)}`,
      `Basic ${shop}`,
    ]) {
      expect((await call('/spec.Calls/predict', wrong))?.code, wrong).toBe(status.UNAUTHENTICATED);
      expect((await fetch('POST /predict', wrong)).status, wrong).toBe(401);
    }
  });

  it('are asked for in the words of each protocol', async () => {
    const { call, fetch } = await served(entranceOf({ TOKENS_FILE: usual() }));
    expect((await call('/spec.Calls/predict'))?.details).toMatch(
      /^\/spec\.Calls\/predict needs a token with the scope "predict": send "authorization: Bearer TOKEN".*SERVICE_TOKEN/,
    );
    const challenge = async (request: string, authorization?: string) => {
      const answer = await fetch(request, authorization);
      expect(await answer.json()).toEqual({ error: expect.stringContaining(request) as string });
      return answer.headers.get('www-authenticate');
    };
    // RFC 6750, section 3: no error code where no token came.
    expect(await challenge('GET /thing')).toBe('Bearer realm="adstocrat"');
    expect(await challenge('GET /thing', `Bearer ${later}`)).toBe('Bearer realm="adstocrat", error="invalid_token"');
    expect(await challenge('GET /thing', `Bearer ${shop}`)).toBe(
      'Bearer realm="adstocrat", error="insufficient_scope", scope="read"',
    );
  });

  it('come and go with their file, which a wrong one does not replace', async () => {
    const file = usual();
    const { call } = await served(entranceOf({ TOKENS_FILE: file }));
    const code = async (token: string) => (await call('/spec.Calls/predict', `Bearer ${token}`))?.code ?? 0;
    writeFileSync(file, line('later', ['predict'], later));
    await expect.poll(() => code(later), { timeout: 240_000 }).toBe(0);
    expect(await code(shop)).toBe(status.UNAUTHENTICATED);
    writeFileSync(file, 'nonsense');
    chmodSync(file, 0o644);
    writeFileSync(file, line('shop', ['predict'], shop));
    expect(await code(later)).toBe(0);
    chmodSync(file, 0o600);
    await expect.poll(() => code(shop), { timeout: 240_000 }).toBe(0);
  });

  it.each<[string, Environment, readonly string[]]>([
    ['everything without any token', {}, ['predict', 'read', 'administer', 'metrics']],
    ['what the service says where its own token is the only one', { SERVICE_TOKEN: service }, ['predict', 'metrics']],
    ['nothing with a file of tokens', { TOKENS_FILE: 'usual', SERVICE_TOKEN: service }, []],
    ['what OPEN_SCOPES says', { TOKENS_FILE: 'usual', OPEN_SCOPES: 'metrics, read' }, ['read', 'metrics']],
    ['nothing where OPEN_SCOPES says so', { SERVICE_TOKEN: service, OPEN_SCOPES: '' }, []],
  ])('leave open %s', (_, change, open) => {
    const files = change['TOKENS_FILE'] === undefined ? {} : { TOKENS_FILE: usual() };
    const { access } = entranceOf({ ...change, ...files }, ['predict', 'metrics']);
    expect((['predict', 'read', 'administer', 'metrics'] as const).filter((scope) => access.isOpen(scope))).toEqual(
      open,
    );
  });

  it('the service’s own has every scope', async () => {
    const { call } = await served(entranceOf({ SERVICE_TOKEN: service }));
    for (const name of ['predict', 'read', 'administer'])
      expect(await call(`/spec.Calls/${name}`, `Bearer ${service}`)).toBeNull();
  });
});

describe('administration with a port of its own', () => {
  it('is answered there alone, to who may administer', async () => {
    const { call, fetch, administration } = await served(entranceOf({ TOKENS_FILE: usual(), ADMIN_PORT: '0' }));
    const own = administration();
    const bearer = `Bearer ${operator}`;
    const elsewhere = await call('/spec.Calls/administer', bearer);
    expect([elsewhere?.code, elsewhere?.details]).toEqual([
      status.PERMISSION_DENIED,
      '/spec.Calls/administer is answered over gRPC on ADMIN_PORT alone',
    ]);
    expect((await fetch('POST /thing', bearer)).status).toBe(403);
    expect(await call('/spec.Calls/administer', bearer, undefined, own)).toBeNull();
    expect((await call('/spec.Calls/administer', `Bearer ${shop}`, undefined, own))?.code).toBe(
      status.PERMISSION_DENIED,
    );
    expect((await call('/spec.Calls/administer', undefined, undefined, own))?.code).toBe(status.UNAUTHENTICATED);
    expect(await call('/spec.Calls/read', bearer)).toBeNull();
    expect((await fetch('GET /thing', bearer)).status).toBe(200);
  });

  it('may stay on the loopback, open, where the rest listens elsewhere', () => {
    const elsewhere = { HOST: '0.0.0.0', ADMIN_PORT: '0', OPEN_SCOPES: 'administer' };
    const files = { TOKENS_FILE: usual() };
    expect(() => entranceOf({ ...elsewhere, ...files })).not.toThrow();
    expect(() => entranceOf({ ...elsewhere, ...files, ADMIN_HOST: '0.0.0.0' })).toThrow(
      expect.objectContaining({ variable: 'ADMIN_HOST' }),
    );
    expect(() => entranceOf({ ...elsewhere, ...files, ADMIN_PORT: '' })).toThrow(
      expect.objectContaining({ variable: 'HOST' }),
    );
  });
});

describe('limits of a caller', () => {
  it('are told over gRPC and REST, with when to come again, and are another’s not', async () => {
    const tokens = tokensFile(line('shop', ['predict'], shop), line('later', ['predict'], later));
    const { call, fetch } = await served(entranceOf({ TOKENS_FILE: tokens, CALLER_CALLS_PER_S: '0.01' }));
    const [first, second] = [`Bearer ${shop}`, `Bearer ${later}`];
    expect(await call('/spec.Calls/predict', first)).toBeNull();
    const error = await call('/spec.Calls/predict', first);
    expect(error?.code).toBe(status.RESOURCE_EXHAUSTED);
    // A hundredth of a call a second: one is there again after 100 s.
    expect(Number(error?.metadata.get('grpc-retry-pushback-ms')[0])).toBeGreaterThan(60_000);
    const refused = await fetch('POST /predict', first);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    expect(await refused.json()).toEqual({ error: expect.stringMatching(/CALLER_CALLS_PER_S/) as string });
    expect((await fetch('POST /predict', second)).status).toBe(200);
    for (let time = 0; time < 3; time += 1) expect((await fetch('GET /health')).status).toBe(200);
  });

  it('end with the calls that they count, also over REST', async () => {
    const { call, fetch } = await served(entranceOf({ CALLER_MAX_CALLS: '1', CALLER_MAX_BYTES: '10' }));
    for (let time = 0; time < 5; time += 1) {
      expect(await call('/spec.Calls/predict')).toBeNull();
      // The answer may be here before the connection knows that it has ended.
      await expect.poll(async () => (await fetch('POST /predict')).status, { timeout: 240_000 }).toBe(200);
      await expect.poll(async () => (await call('/spec.Calls/read'))?.code ?? 0, { timeout: 240_000 }).toBe(0);
    }
    expect((await call('/spec.Calls/predict', undefined, Buffer.alloc(11)))?.details).toMatch(/CALLER_MAX_BYTES/);
  });
});

describe('what is in progress', () => {
  it('keeps predictions out that would come too late, over gRPC and REST, and nothing else', async () => {
    let nowMs = 0;
    const shedder = new LoadShedder(2000, () => nowMs);
    const { call, fetch } = await served(entranceOf({}), shedder);
    // 65,000 ms of work for the 64 answers that a server begins with and this one: 1,000 ms each.
    const first = shedder.enter();
    nowMs = 65_000;
    first.leave(true);
    const held = (): Place => {
      const place = shedder.enter();
      place.arrived(1);
      return place;
    };
    const places = [held()];
    const late = await call('/spec.Calls/predict', undefined, undefined, undefined, Date.now() + 1900);
    expect([late?.code, late?.details]).toEqual([
      status.DEADLINE_EXCEEDED,
      'what is in progress takes longer than the deadline leaves',
    ]);
    places.push(held());
    const error = await call('/spec.Calls/predict');
    expect([error?.code, error?.details, error?.metadata.get('grpc-retry-pushback-ms')]).toEqual([
      status.RESOURCE_EXHAUSTED,
      'what is in progress would keep a request for more than 2000 ms: ask again later, or another server',
      ['2000'],
    ]);
    const refused = await fetch('POST /predict');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    for (const other of ['read', 'administer']) expect(await call(`/spec.Calls/${other}`)).toBeNull();
    expect(await call('/grpc.health.v1.Health/Check')).toBeNull();
    for (const other of ['GET /thing', 'GET /health']) expect((await fetch(other)).status).toBe(200);
    for (const place of places) place.leave(false);
    expect(await call('/spec.Calls/predict')).toBeNull();
    expect((await fetch('POST /predict')).status).toBe(200);
  });

  it('are the calls themselves, until they end in whatever way', async () => {
    const shedder = new LoadShedder(1e9);
    const said: string[] = [];
    const enter = shedder.enter.bind(shedder);
    shedder.enter = () => {
      const place = enter();
      let left = false;
      return {
        ...place,
        leave: (answered) => {
          if (!left) said.push(answered ? 'answered' : 'given up');
          left = true;
          place.leave(answered);
        },
      };
    };
    const { call, fetch } = await served(entranceOf({ CALLER_MAX_BYTES: '10' }), shedder);
    await call('/spec.Calls/predict');
    await expect.poll(() => said, { timeout: 240_000 }).toEqual(['answered']);
    await call('/spec.Calls/predict', undefined, Buffer.alloc(11));
    await expect.poll(() => said, { timeout: 240_000 }).toEqual(['answered', 'given up']);
    await fetch('POST /predict');
    await expect.poll(() => said, { timeout: 240_000 }).toEqual(['answered', 'given up', 'answered']);
    await call('/spec.Calls/read');
    expect(said).toHaveLength(3);
    expect(shedder.waitMs).toBe(0);
  });
});

describe('a call that the table of scopes does not know', () => {
  it('is not served', () => {
    const entrance = entranceOf({});
    const common = { host: '127.0.0.1', port: 0, logger, entrance };
    const server = new GrpcServer(common);
    expect(() => server.addService({ other: method('/spec.Calls/Other') }, { other: echo })).toThrow(
      'the table of scopes has no line for /spec.Calls/Other',
    );
    const routes = { ...common, bodyLimit: 1, endpoints: '' };
    expect(() => new RestServer({ ...routes, routes: (app) => void app.put('/predict/all', () => ({})) })).toThrow(
      'the table of scopes has no line for PUT /predict/all',
    );
  });
});

describe('what is wrong with a file of tokens is said by its variable', () => {
  const hash = `sha256:${'0'.repeat(64)}`;
  it.each<[string, string, RegExp]>([
    ['a line that is none', `shop predict ${hash}\nnonsense`, /line 4 of the file is not NAME SCOPE,SCOPE sha256:HEX/],
    ['a token instead of its hash', `shop predict ${newToken()}`, /^(?!.*adstocrat_).*line 3/],
    ['an unknown scope', `shop predict,rule ${hash}`, /the scope "rule": there are predict, read, administer/],
    ['a name twice', `shop predict ${hash}\nshop read ${hash}`, /line 4 .* the name shop a second time/],
  ])('%s', (_, text, message) => {
    expect(() => entranceOf({ TOKENS_FILE: tokensFile(text) })).toThrow(
      expect.objectContaining({ variable: 'TOKENS_FILE', message: expect.stringMatching(message) as string }),
    );
  });

  it('rights of other accounts', () => {
    const file = usual();
    for (const mode of [0o640, 0o604, 0o666]) {
      chmodSync(file, mode);
      expect(() => entranceOf({ TOKENS_FILE: file })).toThrow(/is open to other accounts \(6\d\d\): chmod 600 it/);
    }
    expect(() => entranceOf({ OPEN_SCOPES: 'everything' })).toThrow(/everything.* is no scope/);
  });
});

describe('HOST', () => {
  const other = { HOST: '0.0.0.0' };
  it.each<[string, Environment]>([
    ['nothing guards it', other],
    ['some scopes need no token', { ...other, SERVICE_TOKEN: service }],
    ['they are left open on purpose', { ...other, TOKENS_FILE: 'usual', OPEN_SCOPES: 'read' }],
    ['it is a name that may be any interface’s', { HOST: 'machine.example' }],
  ])('other than the loopback is refused where %s', (_, change) => {
    const files = change['TOKENS_FILE'] === undefined ? {} : { TOKENS_FILE: usual() };
    expect(() => entranceOf({ ...change, ...files }, ['predict'])).toThrow(
      expect.objectContaining({ variable: 'HOST', message: expect.stringMatching(/ALLOW_ANYONE=1/) as string }),
    );
  });

  it.each<[string, Environment]>([
    ['every scope needs a token', { ...other, SERVICE_TOKEN: service }],
    ['that is meant', { ...other, ALLOW_ANYONE: '1' }],
    ['figures alone are open', { ...other, SERVICE_TOKEN: service, OPEN_SCOPES: 'metrics' }],
    ['it is the loopback', { HOST: '127.0.0.9' }],
    ['it is the loopback of IPv6', { HOST: '::1' }],
  ])('is taken where %s', (_, change) => {
    expect(() => entranceOf(change)).not.toThrow();
  });
});
