import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openEventBus } from '@adstocrat/adapters';
import { installKafka, startKafka } from '@adstocrat/kafka';
import { startPostgres } from '@adstocrat/postgres';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { atMost, type Bar, type BenchReport } from './bench-report.ts';
import { fillBus, layOpen, model, registerModels, windowS } from './join-world.ts';
import { cpuS, descendantsCpuS, peakMiB } from './process-tree.ts';

const root = resolve(import.meta.dirname, '../../..');
const graceMs = 2000;
/** Longest wait for the last label, for each event. */
const patienceMsPerEvent = 2;

interface Joined {
  readonly eventsPerS: number;
  readonly cpuUs: number;
  /** That of the two feedback processes. */
  readonly servicesCpuUs: number;
  readonly peakMiB: number;
}

/**
 * From the bus to labelled rows: predictions and clicks lie on the bus, then two feedback processes start; measured until every label
 * is published. CPU is that of everything: both processes with their start, PostgreSQL, and Kafka's broker.
 * `--rows N` (200,000), `--open N[,N]` predictions that wait in the tables (1,000,000), `--bus postgres,kafka`.
 */
export async function join(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '200000' },
      open: { type: 'string', default: '1000000' },
      bus: { type: 'string', default: 'postgres,kafka' },
    },
  });
  const rows = Number(values.rows);
  const figures: Record<string, number> = { rows };
  const bars: Bar[] = [];
  for (const bus of values.bus.split(',')) {
    const costs: number[] = [];
    for (const open of values.open.split(',').map(Number)) {
      const joined = await run(bus, rows, open);
      const name = `${bus}.${open}`;
      costs.push(joined.cpuUs);
      for (const [figure, value] of Object.entries(joined)) figures[`${name}.${figure}`] = value;
      bars.push(
        atMost(`${name}.wallUs`, 1e6 / joined.eventsPerS, 100),
        atMost(`${name}.cpuUs`, joined.cpuUs, 150),
        atMost(`${name}.peakMiB`, joined.peakMiB, 400),
      );
    }
    const [least, most] = [Math.min(...costs), Math.max(...costs)];
    if (costs.length > 1) bars.push(atMost(`${bus}.most/least`, most / least, 1.15));
  }
  return { bench: 'join', figures, peers: {}, bars };
}

async function run(kind: string, rows: number, open: number): Promise<Joined> {
  const folder = mkdtempSync(joinPath(tmpdir(), 'adstocrat-bench-join-'));
  chmodSync(folder, 0o755);
  const postgres = await startPostgres({ dataDir: joinPath(folder, 'postgres') });
  if (kind === 'kafka') await installKafka();
  const kafka = kind === 'kafka' ? await startKafka() : undefined;
  const services: ChildProcess[] = [];
  const pool = openPool(postgres.url);
  try {
    const environment = {
      ...process.env,
      EVENT_BUS_URL: kafka === undefined ? postgres.url : `kafka://${kafka.brokers.join(',')}`,
      DATABASE_URL: postgres.url,
      ARTIFACTS_URL: pathToFileURL(joinPath(folder, 'artifacts')).href,
      GRACE_MS: String(graceMs),
      GRPC_PORT: '0',
      REST_PORT: '0',
      LOG_LEVEL: 'warn',
    };
    const start = (name: string): ChildProcess => service({ ...environment, WORK_DIR: joinPath(folder, name) });
    await registerModels(postgres.url, environment.ARTIFACTS_URL);
    // Makes the tables.
    await ended(start('first'), () => tablesAreThere(pool));
    await layOpen(postgres.url, open);
    const bus = await openEventBus(environment.EVENT_BUS_URL, { client: 'bench' });
    const filledMs = performance.now();
    await fillBus(bus, rows);
    say(`${kind}: ${rows} predictions are on the bus after ${seconds(filledMs)} s, ${open} others wait in the tables`);
    await bus.close();
    await sleep(windowS * 1000 + graceMs + 1000);
    const cpuBeforeS = descendantsCpuS();
    const startedMs = performance.now();
    services.push(start('one'), start('two'));
    const deadline = performance.now() + 60_000 + rows * patienceMsPerEvent;
    for (let labelled = 0; labelled < rows; labelled = await labelledRows(pool)) {
      if (performance.now() > deadline) throw new Error(`${labelled} of ${rows} predictions were labelled in time`);
      await sleep(100);
    }
    const wallS = (performance.now() - startedMs) / 1000;
    const allS = descendantsCpuS() - cpuBeforeS;
    const servicesS = services.reduce((sum, { pid }) => sum + cpuS(pid ?? 0), 0);
    const events = rows + Math.ceil(rows / 20);
    const peak = Math.max(...services.map(({ pid }) => peakMiB(pid ?? 0)));
    const clicks = await clickedRows(pool);
    if (clicks !== Math.ceil(rows / 20)) throw new Error(`${clicks} rows were labelled as clicked of ${rows / 20}`);
    const joined = {
      eventsPerS: events / wallS,
      cpuUs: (allS * 1e6) / events,
      servicesCpuUs: (servicesS * 1e6) / events,
      peakMiB: peak,
    };
    say(
      `${kind}: ${joined.eventsPerS.toFixed(0)} events/s, ${joined.cpuUs.toFixed(0)} µs CPU an event (${joined.servicesCpuUs.toFixed(0)} in feedback), ${peak.toFixed(0)} MiB`,
    );
    return joined;
  } finally {
    await closePool(pool);
    await Promise.all(services.map((one) => ended(one)));
    await kafka?.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What it warns of is shown. */
function service(environment: NodeJS.ProcessEnv): ChildProcess {
  const main = joinPath(root, 'apps/feedback/src/main.ts');
  return spawn(process.execPath, ['--max-semi-space-size=16', '--conditions=@adstocrat/source', main], {
    env: environment,
    stdio: ['ignore', 2, 2],
  });
}

async function ended(child: ChildProcess, after: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  await after();
  if (child.exitCode !== null) return;
  const exit = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  await exit;
}

async function tablesAreThere(pool: ReturnType<typeof openPool>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const { rows } = await pool.query<{ there: boolean }>(
      `SELECT to_regclass('feedback.retrains') IS NOT NULL AND to_regclass('feedback.slices') IS NOT NULL AS there`,
    );
    if (rows[0]?.there === true) return;
    await sleep(200);
  }
  throw new Error('feedback did not make its tables within a minute');
}

const labelledRows = (pool: ReturnType<typeof openPool>): Promise<number> => counted(pool, 'labelled');
const clickedRows = (pool: ReturnType<typeof openPool>): Promise<number> => counted(pool, 'clicks');

async function counted(pool: ReturnType<typeof openPool>, name: string): Promise<number> {
  const { rows } = await pool.query<{ count: number | null }>(
    'SELECT sum(count)::bigint AS count FROM feedback.counts WHERE model = $1 AND name = $2',
    [model, name],
  );
  return rows[0]?.count ?? 0;
}

const say = (sentence: string): void => {
  console.error(sentence);
};
const seconds = (sinceMs: number): string => ((performance.now() - sinceMs) / 1000).toFixed(1);
