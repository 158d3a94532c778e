import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@adstocrat/ports';
import { watchdog } from '@adstocrat/service-kit';
import { Client } from 'pg';
import { clusterName, endLeftover } from './end-leftover.ts';
import { type ClusterOptions, openCluster } from './make-cluster.ts';
import { serverAccount, workingFolder } from './server-account.ts';
import { serverPrograms } from './server-programs.ts';

export interface PostgresOptions extends ClusterOptions {
  /** Made where absent; used again where there. */
  readonly dataDir: string;
  /** 0 (default) takes a free one. */
  readonly port?: number;
  readonly logFile?: string;
}

export interface RunningPostgres {
  /** postgres://adstocrat:PASSWORD@127.0.0.1:PORT/adstocrat, a role without superuser. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles when the server has ended, asked or not, with how. */
  readonly ended: Promise<string>;
  /** Fast shutdown: open transactions are rolled back. */
  stop(): Promise<void>;
  /** As a crash would: SIGKILL to the server. */
  kill(): Promise<void>;
}

/**
 * Starts PostgreSQL on 127.0.0.1 alone; whoever connects needs the password. Survives its own crash and this process's: the server
 * ends when this process is gone, and one that was left behind in the folder all the same is stopped first.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const dataDir = resolve(options.dataDir);
  const access = await openCluster(dataDir, options);
  await endLeftover(dataDir);
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port;
  const account = serverAccount();
  const log = options.logFile === undefined ? ('ignore' as const) : openSync(options.logFile, 'a');
  const server = spawn(
    join(serverPrograms(account), 'postgres'),
    ['-D', workingFolder(dataDir, account), ...settings(port, clusterName(dataDir))],
    // Of its own session: Ctrl-C is for the command, which stops the server last.
    { cwd: dataDir, stdio: ['ignore', log, log], detached: true, ...account },
  );
  if (typeof log === 'number') closeSync(log);
  const ended = new Promise<string>((resolveEnd) => {
    server.once('error', (error) => {
      resolveEnd(error.message);
    });
    server.once('exit', (code, signal) => {
      watchdog.forget(server.pid);
      resolveEnd(signal ?? `exit code ${code}`);
    });
  });
  watchdog.watch(server.pid, 'database');
  const url = `postgres://${access.role}:${access.password}@127.0.0.1:${port}/${access.database}`;
  await answers(server, url, options.logFile);
  return {
    url,
    port,
    pid: server.pid ?? 0,
    ended,
    stop: () => end(server, 'SIGINT', ended),
    kill: () => end(server, 'SIGKILL', ended),
  };
}

function settings(port: number, cluster: string): readonly string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    cluster_name: cluster,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    max_wal_size: '512MB',
    jit: 'off',
    autovacuum_naptime: '20s',
    max_parallel_workers_per_gather: 0,
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function answers(server: ChildProcess, url: string, logFile: string | undefined): Promise<void> {
  for (const until = Date.now() + 60_000; ;) {
    if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined || Date.now() > until) {
      server.kill('SIGKILL');
      throw new Error(`PostgreSQL does not start${lastWords(logFile)}`);
    }
    const client = new Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch {
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function lastWords(logFile: string | undefined): string {
  if (logFile === undefined) return '';
  return `:\n${readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n')}`;
}

/** One that hangs, stopped by SIGSTOP for one, is killed after this: it recovers at the next start as from a crash. */
const shutdownMs = 20_000;

async function end(server: ChildProcess, signal: NodeJS.Signals, ended: Promise<string>): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill(signal);
  const force = setTimeout(() => server.kill('SIGKILL'), shutdownMs);
  await ended;
  clearTimeout(force);
}
