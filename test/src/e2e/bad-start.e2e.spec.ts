import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeClickLog } from './click-log.ts';
import { runCommand, startCommand } from '@adstocrat/campaigns';
import { temporaryFolder } from './temporary-folder.ts';

const root = resolve(import.meta.dirname, '../../..');

describe('a command that cannot start', () => {
  const folder = temporaryFolder('bad-start');

  it('names the port that is taken, what wanted it, and what to do', async () => {
    const taker = createServer().listen(0, '127.0.0.1');
    await once(taker, 'listening');
    const { port } = taker.address() as { readonly port: number };
    // The service itself, on a port that something else has.
    const service = spawn(
      process.execPath,
      ['--conditions=@adstocrat/source', resolve(root, 'apps/serving/src/main.ts')],
      {
        env: {
          ...process.env,
          GRPC_PORT: String(port),
          REST_PORT: '0',
          WORK_DIR: join(folder, 'serving'),
          ARTIFACTS_URL: `file://${folder}`,
          DATABASE_URL: 'postgres://127.0.0.1:1/none',
          EVENT_BUS_URL: 'postgres://127.0.0.1:1/none',
        },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    let log = '';
    service.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    const [code] = (await once(service, 'close')) as [number];
    taker.close();
    expect(code).toBe(1);
    expect(log).toMatch(new RegExp(`port ${port} on 127\\.0\\.0\\.1 cannot be used.*GRPC_PORT`));
  });

  it('refuses a second system in the same home, naming the process that has it', async () => {
    const home = join(folder, 'twice');
    const data = join(folder, 'data');
    mkdirSync(data);
    writeClickLog(join(data, 'log.csv'), { rows: 3000, seed: 3 });
    const args = ['run', '--home', home, '--free-ports', '--data', data, '--label', 'bought'];
    const first = startCommand(args);
    while (!existsSync(join(home, 'owner', 'holder'))) await new Promise((wait) => setTimeout(wait, 20));
    const second = await runCommand(['start', '--home', home, '--free-ports', '--once']);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(new RegExp(`a system runs in .* \\(process ${first.process.pid ?? 0} on `));
    const postmaster = join(home, 'postgres', 'postmaster.pid');
    await expect
      .poll(() => existsSync(postmaster) && readFileSync(postmaster, 'utf8'), { timeout: 240_000 })
      .toMatch(/^\d+\n/);
    const postgres = readFileSync(postmaster, 'utf8').split('\n')[0];
    first.process.kill('SIGTERM');
    // 128 and the signal's number, 15; and no server is left behind.
    expect((await first.ended).code).toBe(143);
    expect(existsSync(`/proc/${postgres ?? ''}`)).toBe(false);
  });

  it('starts where the one model in service is damaged, and names it: a new one can be made, or it rolled back', async () => {
    const home = join(folder, 'damaged');
    const data = join(folder, 'few');
    mkdirSync(data);
    writeClickLog(join(data, 'log.csv'), { rows: 3000, seed: 3 });
    const at = ['--home', home, '--free-ports'];
    expect(await runCommand(['run', ...at, '--data', data, '--label', 'bought', '--once'])).toMatchObject({ code: 0 });
    const versions = join(home, 'artifacts', 'models', 'few');
    const [only = ''] = readdirSync(versions);
    writeFileSync(join(versions, only, 'model.onnx'), 'not what was written');
    rmSync(join(home, 'work', 'serving'), { recursive: true });
    const { code, stderr, stdout } = await runCommand(['models', ...at]);
    expect(stderr).toMatch(/serving could not load few version 1: .*model\.onnx/);
    expect(stdout).toContain('deployed');
    expect(code).toBe(0);
  });

  it.each([
    { why: 'no data', args: ['run'], code: 2, says: /--data/ },
    { why: 'nothing to predict', args: ['run', '--data', '/tmp'], code: 2, says: /--label NAME, or --task FILE/ },
    { why: 'an unknown option', args: ['models', '--modle', 'x'], code: 2, says: /unknown option '--modle'/ },
    { why: 'an unknown command', args: ['tain'], code: 2, says: /unknown command 'tain'/ },
  ])('says what is wrong with $why', async ({ args, code, says }) => {
    const result = await runCommand([...args]);
    expect(result.code).toBe(code);
    expect(result.stderr).toMatch(says);
  });

  it('says which service waits for what when the database cannot be reached', async () => {
    const { promise: said, resolve: saying } = Promise.withResolvers<string>();
    const command = startCommand(
      ['run', '--home', join(folder, 'no-database'), '--free-ports', '--data', folder, '--label', 'bought'],
      {
        environment: { DATABASE_URL: 'postgres://127.0.0.1:1/none' },
        onLine: (line) => / waits for /.test(line) && saying(line),
      },
    );
    expect(await said).toMatch(/^\w+ waits for its database: connect ECONNREFUSED 127\.0\.0\.1:1; trying again/);
    command.process.kill('SIGKILL');
    await command.ended;
  });

  it('names an unknown key of task.yaml before anything is started', async () => {
    const task = join(folder, 'task.yaml');
    writeFileSync(task, 'name: shop\ndata: {examples: ["*.csv"]}\nlabel: bought\nlabell: bought\n');
    const result = await runCommand(['run', '--home', join(folder, 'key'), '--data', folder, '--task', task, '--once']);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/labell/);
  });
});

describe('a service without its configuration', () => {
  it.each(['ingestion', 'training', 'evaluation', 'serving', 'feedback'])(
    '%s names every variable that is missing',
    async (name) => {
      const service = spawn(
        process.execPath,
        ['--conditions=@adstocrat/source', resolve(root, `apps/${name}/src/main.ts`)],
        {
          env: { PATH: process.env['PATH'], GRPC_PORT: 'eighty' },
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      );
      let log = '';
      service.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
      const [code] = (await once(service, 'close')) as [number];
      expect(code).toBe(1);
      const { problems } = JSON.parse(log) as { readonly problems: readonly string[] };
      expect(problems.map((problem) => problem.split(':')[0]).toSorted()).toEqual([
        'ARTIFACTS_URL',
        'DATABASE_URL',
        'EVENT_BUS_URL',
        'GRPC_PORT',
      ]);
    },
  );
});

describe('a service whose database is away', () => {
  const folder = temporaryFolder('waits');

  it('waits with growing pauses, says so, and stops when asked', async () => {
    const service = spawn(
      process.execPath,
      ['--conditions=@adstocrat/source', resolve(root, 'apps/training/src/main.ts')],
      {
        env: {
          ...process.env,
          GRPC_PORT: '0',
          WORK_DIR: folder,
          ARTIFACTS_URL: `file://${folder}`,
          DATABASE_URL: 'postgres://127.0.0.1:1/none',
          EVENT_BUS_URL: 'kafka://127.0.0.1:1',
        },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const pauses: number[] = [];
    service.stdout.on('data', (chunk: Buffer) => {
      for (const line of chunk.toString().trim().split('\n')) {
        const { msg, dependency, nextTryMs, reason } = JSON.parse(line) as Readonly<Record<string, string | number>>;
        if (msg !== 'waiting for a dependency') continue;
        expect(dependency).toBe('database');
        expect(reason).toMatch(/ECONNREFUSED/);
        pauses.push(Number(nextTryMs));
        if (pauses.length === 3) service.kill('SIGTERM');
      }
    });
    const [code] = (await once(service, 'close')) as [number];
    expect(pauses.slice(0, 3)).toEqual([200, 400, 800]);
    expect(code).toBe(0);
  });
});
