import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endLeftover } from './end-leftover.ts';
import { makeCopy, packagedServer, serverPrograms } from './server-programs.ts';
import { serverAccount } from './server-account.ts';
import { type RunningPostgres, startPostgres } from './start-postgres.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-start-postgres-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function query(url: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

function fixture(dataDir: string): ChildProcess {
  return spawn(
    process.execPath,
    ['--conditions=@adstocrat/source', resolve(import.meta.dirname, 'start-postgres.fixture.ts'), dataDir],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
}

async function said(child: ChildProcess): Promise<{ readonly pid: number; readonly url: string }> {
  const [line] = (await once(child.stdout!, 'data')) as [Buffer];
  return JSON.parse(line.toString()) as { pid: number; url: string };
}

async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await sleep(20);
}

describe('startPostgres', () => {
  describe('a running server', () => {
    const dataDir = join(folder, 'closed', 'data');
    let postgres: RunningPostgres;
    beforeAll(async () => {
      // Closed to all but its owner, as a home is, and as root's own folder.
      mkdirSync(join(folder, 'closed'), { mode: 0o700 });
      postgres = await startPostgres({ dataDir });
    });
    afterAll(() => postgres.stop());

    it('lets nobody in without the password, whatever role he names', async () => {
      const at = (who: string): string => `postgres://${who}@127.0.0.1:${postgres.port}/adstocrat`;
      for (const who of ['adstocrat', 'adstocrat:guess', 'adstocrat:', 'postgres', 'postgres:postgres', 'root'])
        await expect(query(at(who), 'SELECT 1'), who).rejects.toThrow(/password|authentication|pg_hba/);
      expect(await query(postgres.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    });

    it('gives a role that cannot run programs, read files, make roles or databases', async () => {
      await query(postgres.url, 'CREATE TABLE lines (line text)');
      for (const forbidden of [
        "COPY lines FROM PROGRAM 'id'",
        "COPY lines FROM '/etc/passwd'",
        "COPY lines TO '/tmp/adstocrat-spec'",
        "SELECT pg_read_file('postgresql.conf')",
        'CREATE ROLE another SUPERUSER',
        'CREATE DATABASE another',
        'ALTER SYSTEM SET fsync = off',
        'SET ROLE postgres',
      ])
        await expect(query(postgres.url, forbidden), forbidden).rejects.toThrow(/permission denied|must/);
    });

    it('keeps its folder and its password to their owners', () => {
      expect(statSync(dataDir).mode & 0o777).toBe(0o700);
      expect(statSync(join(dataDir, 'access.json')).mode & 0o777).toBe(0o600);
      expect(statSync(dataDir).uid).toBe(serverAccount()?.uid ?? process.getuid?.());
    });

    it('has no capability: nothing that reads the files of others', () => {
      const status = spawnSync('grep', ['-h', '^Cap\\(Inh\\|Prm\\|Eff\\|Amb\\)', `/proc/${postgres.pid}/status`], {
        encoding: 'utf8',
      }).stdout;
      const held = status.match(/[0-9a-f]{16}/g);
      expect(held).toHaveLength(4);
      expect(new Set(held)).toEqual(new Set(['0000000000000000']));
    });
  });

  it('keeps what was committed when the server is killed and started again in the same folder', async () => {
    const dataDir = join(folder, 'data');
    const first = await startPostgres({ dataDir });
    await query(first.url, 'CREATE TABLE kept (value int)');
    await query(first.url, 'SET synchronous_commit = on; INSERT INTO kept VALUES (42)');
    await first.kill();
    expect(await first.ended).toBe('SIGKILL');
    const second = await startPostgres({ dataDir, port: first.port });
    try {
      // The same way in: who knew it before need not ask again.
      expect(await query(first.url, 'SELECT value FROM kept')).toEqual([{ value: 42 }]);
    } finally {
      await second.stop();
    }
  });

  it('starts where sessions of a killed server have not noticed yet that it is gone', async () => {
    const dataDir = join(folder, 'sessions');
    const first = await startPostgres({ dataDir });
    const session = new Client({ connectionString: first.url });
    session.on('error', () => undefined);
    await session.connect();
    const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    process.kill(rows[0]?.pid ?? 0, 'SIGSTOP');
    await first.kill();
    const second = await startPostgres({ dataDir });
    try {
      expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await second.stop();
      await session.end().catch(() => undefined);
    }
  });

  it('stops a server that was left behind in the folder', async () => {
    const dataDir = join(folder, 'left');
    const left = await startPostgres({ dataDir });
    const taken = await startPostgres({ dataDir });
    try {
      await expect(query(left.url, 'SELECT 1')).rejects.toThrow(/ECONNREFUSED/);
      expect(await query(taken.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await taken.stop();
    }
  });

  it('leaves the server of a copied folder alone, although the copy names its process', async () => {
    const dataDir = join(folder, 'original');
    const running = await startPostgres({ dataDir });
    try {
      const copy = join(folder, 'copy');
      cpSync(dataDir, copy, { recursive: true });
      expect(existsSync(join(copy, 'postmaster.pid'))).toBe(true);
      await endLeftover(copy);
      expect(existsSync(join(copy, 'postmaster.pid'))).toBe(false);
      expect(await query(running.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      await running.stop();
    }
  });

  it('starts in a folder whose first start was killed half-way, wherever that was', async () => {
    for (const afterMs of [150, 300, 600]) {
      const parent = join(folder, `killed-${afterMs}`);
      mkdirSync(parent);
      const killed = fixture(join(parent, 'data'));
      while (!existsSync(parent) || readdirSync(parent).length === 0) await sleep(5);
      await sleep(afterMs);
      killed.kill('SIGKILL');
      await once(killed, 'exit');
      // Nothing that is half made bears the name.
      const names = readdirSync(parent);
      if (names.includes('data')) expect(existsSync(join(parent, 'data', 'access.json'))).toBe(true);
      const postgres = await startPostgres({ dataDir: join(parent, 'data') });
      await postgres.stop();
    }
  });

  it('is gone soon after the process that started it was killed', async () => {
    const starter = fixture(join(folder, 'orphan'));
    const { pid } = await said(starter);
    starter.kill('SIGKILL');
    await gone(pid);
    expect(existsSync(join(folder, 'orphan', 'postmaster.pid'))).toBe(false);
  });

  it('refuses a folder that an earlier version made, which let every account in', async () => {
    const dataDir = join(folder, 'earlier');
    await (await startPostgres({ dataDir })).stop();
    rmSync(join(dataDir, 'access.json'));
    await expect(startPostgres({ dataDir })).rejects.toThrow(
      /earlier ones let every local account in.*move the folder/,
    );
  });
});

describe('serverPrograms', () => {
  it('are where the account that runs them can walk: a copy where the project is closed to it', () => {
    const closed = join(folder, 'closed-project');
    mkdirSync(closed, { mode: 0o700 });
    cpSync(packagedServer(), join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
    cpSync(join(packagedServer(), '../package.json'), join(closed, 'package.json'));
    const account = serverAccount();
    const bin = serverPrograms(account, join(closed, 'native'));
    try {
      const { status, stdout } = spawnSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8', ...account });
      expect(status).toBe(0);
      expect(stdout).toMatch(/PostgreSQL/);
      // Asked again, the same; as its own owner it needs none.
      expect(serverPrograms(account, join(closed, 'native'))).toBe(bin);
      expect(bin.startsWith(closed)).toBe(account === undefined);
    } finally {
      if (account !== undefined) rmSync(resolve(bin, '..'), { recursive: true, force: true });
    }
  });

  it('are never those that another account put in the place of the copy while it was made', () => {
    const source = join(folder, 'small', 'native');
    const copy = join(folder, 'foreign-copy');
    for (const place of [source, copy]) {
      mkdirSync(join(place, 'bin'), { recursive: true });
      writeFileSync(join(place, 'bin/postgres'), place);
    }
    const account = serverAccount();
    if (account !== undefined) chownSync(copy, account.uid, account.gid);
    expect(() => makeCopy(source, copy)).toThrow(/foreign-copy is not root's own folder/);
    expect(readdirSync(folder).filter((name) => name.startsWith('foreign-copy'))).toEqual(['foreign-copy']);
  });
});
