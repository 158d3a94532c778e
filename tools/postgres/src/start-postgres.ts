import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { postgresCommand, unprivilegedUser } from './postgres-binaries.ts';

export interface PostgresOptions {
  /** Made and initialised where absent; used again where there. */
  readonly dataDir: string;
  /** 0 (default) takes a free one. */
  readonly port?: number;
  readonly logFile?: string;
}

export interface RunningPostgres {
  /** postgres://adstocrat@127.0.0.1:PORT/adstocrat */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Fast shutdown: open transactions are rolled back. */
  stop(): Promise<void>;
  /** As a crash would: SIGKILL to the server. */
  kill(): Promise<void>;
}

const user = 'adstocrat';

/**
 * Starts PostgreSQL on 127.0.0.1 alone, without passwords. Survives its own crash and this process's: a server that a
 * killed process left behind in the folder is stopped first.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = resolve(options.dataDir);
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port;
  await initialise(dataDir);
  await stopLeftover(dataDir);
  const log = options.logFile === undefined ? ('ignore' as const) : openSync(options.logFile, 'a');
  const { command, args, ...owner } = postgresCommand('postgres', ['-D', '.', ...settings(port)]);
  const server = spawn(command, args, { cwd: dataDir, stdio: ['ignore', log, log], ...owner });
  if (typeof log === 'number') closeSync(log);
  const url = `postgres://${user}@127.0.0.1:${port}/${user}`;
  await answers(server, url, options.logFile);
  return {
    url,
    port,
    pid: server.pid ?? 0,
    stop: () => end(server, 'SIGINT'),
    kill: () => end(server, 'SIGKILL'),
  };
}

function settings(port: number): readonly string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '64MB',
    max_wal_size: '512MB',
    jit: 'off',
    autovacuum_naptime: '20s',
    max_parallel_workers_per_gather: 0,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function initialise(dataDir: string): Promise<void> {
  if (existsSync(join(dataDir, 'PG_VERSION'))) return;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const owner = unprivilegedUser();
  if (owner !== undefined) chownSync(dataDir, owner.uid, owner.gid);
  try {
    const wanted = ['-D', '.', '-U', user, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    const { command, args, ...as } = postgresCommand('initdb', wanted);
    await promisify(execFile)(command, args, { cwd: dataDir, ...as });
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    const hint =
      owner !== undefined && /EACCES|Permission denied/.test((error as Error).message)
        ? ' (as root, PostgreSQL runs as another user, who must be able to enter the project folder: install `setpriv` (util-linux), or open the folder to others)'
        : '';
    throw new Error(`initialising PostgreSQL in ${dataDir}: ${(error as Error).message}${hint}`, { cause: error });
  }
}

async function stopLeftover(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!isPostgres(pid)) {
    rmSync(file, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  for (let waited = 0; waited < 100 && isPostgres(pid); waited += 1) await sleep(100);
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres');
  } catch {
    return false;
  }
}

async function answers(server: ChildProcess, url: string, logFile: string | undefined): Promise<void> {
  const admin = url.replace(/\/[^/]*$/, '/postgres');
  for (const until = Date.now() + 30_000; ;) {
    if (server.exitCode !== null || Date.now() > until) {
      await end(server, 'SIGKILL');
      const words =
        logFile === undefined ? '' : `:\n${readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n')}`;
      throw new Error(`PostgreSQL does not start${words}`);
    }
    const client = new Client({ connectionString: admin });
    try {
      await client.connect();
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [user]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${user}`);
      return;
    } catch {
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolveEnd) => server.once('exit', resolveEnd));
  server.kill(signal);
  await ended;
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => {
        resolvePort(port);
      });
    });
  });
}
