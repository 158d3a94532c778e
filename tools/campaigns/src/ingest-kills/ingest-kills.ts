import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { Random } from '@adstocrat/adworld';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { ingestion } from '@adstocrat/schemas';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import { authorised } from '../conservation/first-models.ts';
import { Ground } from '../ground/ground.ts';
import { writeDrop } from './write-drop.ts';

export interface IngestKillsPlan {
  readonly rows: number;
  readonly kills: number;
  readonly seed: number;
  readonly say: (sentence: string) => void;
}

const task = `name: drop
data: {examples: ["part-*.csv"], tables: [{path: ads.csv, key: ad}]}
label: clicked
`;
/** Shards of a drop, about, where it has so many files; and bytes of a row. */
const [shards, rowBytes] = [60, 55];
/** Wall milliseconds after a point at which the kill comes. */
const laterMs = 400;
/** Wall milliseconds within which what an ended run left is gone. */
const sweptMs = 120_000;

/** A span as it was written. */
interface Written {
  readonly digest: string;
  readonly rows: number;
  readonly killed: number;
  readonly tries: number;
  readonly seconds: number;
  readonly filesLeft: number;
}

/**
 * The same drop twice, each on a system of its own with two processes of ingestion: left alone, and with one of them or both killed
 * (SIGKILL) after each of so many random points of the work. What comes out must be the same bytes, and nothing be left of the way.
 */
export async function ingestKills({ rows, kills, seed, say }: IngestKillsPlan): Promise<CampaignReport> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-ingest-kills-'));
  try {
    const data = join(folder, 'data');
    say(`seed ${seed}: ${rows} rows are written`);
    await writeDrop(data, rows, new Random(seed, 'rows'));
    const calm = await ingested(join(folder, 'calm'), data, rows, [], new Random(seed, 'none'), say);
    say(`${calm.digest} after ${calm.seconds.toFixed(0)} s; the same with ${kills} kills`);
    const random = new Random(seed, 'kills');
    const points = Array.from({ length: kills }, () => random.uniform() * 0.97).sort((a, b) => a - b);
    const killed = await ingested(join(folder, 'killed'), data, rows, points, random, say);
    say(`${killed.digest} after ${killed.seconds.toFixed(0)} s and ${killed.tries} attempts`);
    return {
      bench: 'ingest-kills',
      figures: { seed, rows, attempts: killed.tries, seconds: killed.seconds, secondsLeftAlone: calm.seconds },
      peers: {},
      bars: [
        exactly('kills', killed.killed, kills),
        exactly('digestsThatDiffer', killed.digest === calm.digest ? 0 : 1, 0),
        exactly('rowsThatAreNeitherLoadedNorSetAside', rows - killed.rows, 0),
        exactly('filesLeft', calm.filesLeft + killed.filesLeft, 0),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ingested(
  folder: string,
  data: string,
  rows: number,
  points: readonly number[],
  random: Random,
  say: (sentence: string) => void,
): Promise<Written> {
  mkdirSync(folder);
  const ground = await Ground.start({
    folder,
    bus: 'postgres',
    instances: 2,
    names: ['ingestion'],
    environment: { SHARD_BYTES: String(Math.ceil((rows / shards) * rowBytes)) },
  });
  const pool = openPool(ground.database.url, { name: 'ingest-kills', max: 1 });
  try {
    const begunMs = performance.now();
    const asked = spanOf(ground, pathToFileURL(data).href);
    let killed = 0;
    for (;;) {
      const span = await Promise.race([asked, sleep(25).then(() => undefined)]);
      if (span !== undefined) {
        const seconds = (performance.now() - begunMs) / 1000;
        const { rows: counted } = await pool.query<{ tries: number }>('SELECT sum(tries)::int AS tries FROM jobs.jobs');
        const { digest, trainRows, validationRows, testRows, rejectedRows } = span;
        const filesLeft = await leftIn(join(folder, 'artifacts', 'staging'));
        const loaded = trainRows + validationRows + testRows + rejectedRows;
        return { digest, rows: loaded, killed, tries: counted[0]?.tries ?? 0, seconds, filesLeft };
      }
      const point = points[killed];
      if (point === undefined || (await shareDone(pool)) < point) continue;
      await sleep(random.below(laterMs));
      const both = random.below(5) === 0;
      const services = ground.of('ingestion').filter((_, index) => both || index === killed % 2);
      for (const service of services) service.kill('SIGKILL');
      killed += 1;
      say(`kill ${killed} of ${points.length}: ${services.map(({ title }) => title).join(' and ')}`);
    }
  } finally {
    await closePool(pool);
    await ground.stop();
  }
}

/** Asks for the span, of the other process where one is gone, until it is there. */
async function spanOf(ground: Ground, dataUri: string): Promise<ingestion.Span> {
  for (let ask = 0; ; ask += 1) {
    const { address } = ground.of('ingestion')[ask % 2] as { readonly address: string };
    const client = new ingestion.IngestionServiceClient(address, credentials.createInsecure());
    try {
      const stream = client.ingestSpan({ taskYaml: task, dataUri }, authorised(ground));
      for await (const { span } of stream as AsyncIterable<ingestion.IngestSpanResponse>)
        if (span !== undefined) return span;
    } catch (error) {
      const { code } = error as ServiceError;
      if (code !== status.UNAVAILABLE && code !== status.CANCELLED) throw error;
      await sleep(200);
    } finally {
      client.close();
    }
  }
}

/** Shards that are scanned and filled, of all. */
async function shareDone(pool: ReturnType<typeof openPool>): Promise<number> {
  const { rows } = await pool.query<{ scans: number; done: number }>(
    `SELECT count(*) FILTER (WHERE kind = 'ingestion.scan-shard')::int AS scans,
       count(*) FILTER (WHERE state = 'succeeded')::int AS done
     FROM jobs.jobs WHERE kind IN ('ingestion.scan-shard', 'ingestion.fill-shard')`,
  );
  const { scans = 0, done = 0 } = rows[0] ?? {};
  return scans === 0 ? 0 : done / (2 * scans);
}

/** Files of the way that stay: they are removed right after the run. */
async function leftIn(staging: string): Promise<number> {
  for (const until = Date.now() + sweptMs; ; await sleep(100)) {
    const left = filesBelow(staging);
    if (left === 0 || Date.now() > until) return left;
  }
}

/** Some may go while they are counted: then they are counted as there, and once more. */
function filesBelow(folder: string): number {
  if (!existsSync(folder)) return 0;
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  } catch {
    return 1;
  }
}
