import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventBusContract } from '@adstocrat/event-bus/testing';
import { startPostgres } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { PostgresEventBus } from './postgres-event-bus.ts';

/** The server and the processes that it has for its connections. */
function signalAll(pid: number, signal: NodeJS.Signals): void {
  const children = execFileSync('ps', ['--ppid', String(pid), '-o', 'pid='], { encoding: 'utf8' });
  for (const one of [pid, ...children.trim().split(/\s+/).map(Number)]) process.kill(one, signal);
}

const restarts = Number(process.env['EVENT_BUS_RESTARTS'] ?? 3);
const awayMs = Number(process.env['EVENT_BUS_AWAY_MS'] ?? 500);
const nothing = { readMs: 0, nobodyMs: 0, deadLetterMs: 0 };

eventBusContract(
  'PostgresEventBus',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'adstocrat-bus-'));
    chmodSync(folder, 0o755);
    const dataDir = join(folder, 'data');
    let server = await startPostgres({ dataDir });
    const { url, port } = server;
    const pool = openPool(url, { max: 1 });
    return {
      open: (options) => new PostgresEventBus({ url, ...options }),
      openForgetful: () => {
        const bus = new PostgresEventBus({ url, retention: nothing });
        return { bus, forget: () => bus.retain() };
      },
      waitingSessions: async () => {
        const { rows } = await pool.query<{ sessions: number }>(
          `SELECT count(*) AS sessions FROM pg_stat_activity WHERE application_name = 'adstocrat event log'`,
        );
        return rows[0]?.sessions ?? 0;
      },
      deleteEvents: async (topic) => {
        await pool.query(
          'DELETE FROM event_log.batches WHERE topic = (SELECT number FROM event_log.topics WHERE name = $1)',
          [topic],
        );
      },
      freezeBroker: () => signalAll(server.pid, 'SIGSTOP'),
      thawBroker: () => signalAll(server.pid, 'SIGCONT'),
      killBroker: () => server.kill(),
      startBroker: async () => {
        server = await startPostgres({ dataDir, port });
      },
      close: async () => {
        await closePool(pool);
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
  { deletes: true, restarts, awayMs },
);
