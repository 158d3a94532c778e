import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { Random } from '@adstocrat/adworld';
import { batches, serving } from '@adstocrat/schemas';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import type { ServiceProcess } from '../ground/service-process.ts';
import { SwappedModel } from '../swaps/swapped-model.ts';
import { type BatchRows, batchRows } from './batch-results.ts';

export interface BatchKillsPlan {
  readonly rows: number;
  readonly kills: number;
  readonly seed: number;
}

/** Rows of a shard: a kill takes a process in any of many. */
const shardRows = 5000;
/** Of this many rows one has a time that is none, and fails. */
const failsEvery = 40;
/** Kills while the file is read, and wall milliseconds before the first of them. */
const [readingKills, firstKillMs] = [3, 1500];
/** Of the rows: no kill after that. */
const lastKill = 0.9;
const graceMs = 10_000;

/**
 * The same file scored twice by two processes: left alone, and with one or both killed (SIGKILL) at random rows, and a few times as they
 * read the file. What comes out must be the same, each row once.
 */
export async function batchKills(plan: BatchKillsPlan, say: (sentence: string) => void): Promise<CampaignReport> {
  const { rows, seed } = plan;
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-batch-kills-'));
  const random = new Random(seed, 'batch-kills');
  const drops = join(folder, 'drops');
  mkdirSync(drops);
  writeRows(join(drops, 'rows.csv'), rows, random);
  const model = await SwappedModel.open(folder, 1);
  const server = await model.server('server', { BATCHES: 'off', BATCH_SOURCES: pathToFileURL(drops).href });
  const environment = { BATCHES: 'alone', BATCH_SHARD_ROWS: String(shardRows) };
  const workers = await Promise.all(['worker-1', 'worker-2'].map((name) => model.server(name, environment)));
  for (const process of [server, ...workers]) process.start();
  const client = new batches.BatchServiceClient(server.address, credentials.createInsecure());
  try {
    const scored = async (
      id: string,
      disturb?: (one: batches.Batch) => void,
    ): Promise<BatchRows & { readonly seconds: number }> => {
      const begunMs = performance.now();
      await begun(client, id, pathToFileURL(join(drops, 'rows.csv')).href);
      const batch = await untilEnded(client, id, disturb);
      if (batch.state !== 'succeeded') throw new Error(`the batch ${id} has failed: ${batch.reason}`);
      const seconds = (performance.now() - begunMs) / 1000;
      return { ...(await batchRows(batch.resultsUri, folder)), seconds };
    };
    say(`seed ${seed}: ${rows} rows, left alone`);
    const calm = await scored('calm');
    say(`${calm.digest} after ${calm.seconds.toFixed(0)} s; the same with ${plan.kills} kills`);
    const killer = new Killer(workers, plan.kills, random, say);
    const killed = await scored('killed', (batch) => killer.look(batch));
    say(`${killed.digest} after ${killed.seconds.toFixed(0)} s and ${killer.kills} kills`);
    return {
      bench: 'batch-kills',
      figures: {
        seed,
        rows,
        killsInReading: killer.killsInReading,
        scored: killed.scored,
        failed: killed.failed,
        seconds: killed.seconds,
        secondsLeftAlone: calm.seconds,
      },
      peers: {},
      bars: [
        exactly('kills', killer.kills, plan.kills),
        exactly('rowsWithAnOutcome', killed.scored + killed.failed, rows),
        exactly('rowsOnce', killed.distinct, rows),
        exactly('rowsFailed', killed.failed, Math.ceil(rows / failsEvery)),
        exactly('digestsThatDiffer', killed.digest === calm.digest ? 0 : 1, 0),
      ],
    };
  } finally {
    client.close();
    await Promise.all([server, ...workers].map((process) => process.stop(graceMs)));
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Kills one process or both: a few times while the file is read, then whenever the rows that have an outcome pass one of as many random
 * shares of all as there are to be kills.
 */
class Killer {
  readonly #workers: readonly ServiceProcess[];
  readonly #random: Random;
  readonly #shares: readonly number[];
  readonly #say: (sentence: string) => void;
  #nextMs = performance.now() + firstKillMs;
  killsInReading = 0;
  kills = 0;

  constructor(workers: readonly ServiceProcess[], kills: number, random: Random, say: (sentence: string) => void) {
    this.#workers = workers;
    this.#random = random;
    this.#say = say;
    this.#shares = Array.from({ length: kills }, () => random.uniform() * lastKill).sort((a, b) => a - b);
  }

  look({ rowsScored, rowsFailed, rows }: batches.Batch): void {
    const share = this.#shares[this.kills];
    if (rows === 0n) {
      if (this.killsInReading === readingKills || performance.now() < this.#nextMs || !this.#kill()) return;
      this.killsInReading += 1;
      this.#nextMs = performance.now() + firstKillMs * (1 + 2 * this.#random.uniform());
      this.#say(`kill ${this.killsInReading} as the file is read`);
      return;
    }
    const done = Number(rowsScored + rowsFailed);
    if (share === undefined || done < share * Number(rows) || !this.#kill()) return;
    this.kills += 1;
    this.#say(`kill ${this.kills} at row ${done} of ${rows}`);
  }

  /** False where none is there to be killed. */
  #kill(): boolean {
    const both = this.#random.uniform() < 0.3;
    const one = this.#random.uniform() < 0.5 ? 0 : 1;
    const hit = this.#workers.filter((worker, index) => (both || index === one) && worker.kill('SIGKILL'));
    return hit.length > 0;
  }
}

/** Columns of the test's model. Of every {@link failsEvery}th row the time is none. */
function writeRows(path: string, rows: number, random: Random): void {
  const lines = Array.from({ length: rows }, (_, row) => {
    const price = random.uniform() < 0.1 ? 'n/a' : (random.uniform() * 20).toFixed(3);
    return `row-${row},${random.uniform() < 0.5 ? 'news' : 'games'},user-${row % 997},${price},${row % failsEvery === 0 ? 'late' : '2026-04-01T12:30:00Z'}`;
  });
  writeFileSync(path, `prediction_id,site,user,price,shown_at\n${lines.join('\n')}\n`);
}

async function begun(client: batches.BatchServiceClient, batchId: string, sourceUri: string): Promise<void> {
  const target = serving.Target.create({ model: 'ads', version: 1n });
  const request = { batchId, target, sourceUri, allowMissing: false, columns: [] };
  await answered<batches.BeginBatchResponse>((done) => client.beginBatch(request, done));
}

async function untilEnded(
  client: batches.BatchServiceClient,
  batchId: string,
  disturb?: (batch: batches.Batch) => void,
): Promise<batches.Batch> {
  for (; ; await sleep(50)) {
    const { batch } = await answered<batches.GetBatchResponse>((done) => client.getBatch({ batchId }, done));
    if (batch !== undefined && batch.state !== 'running') return batch;
    if (batch !== undefined) disturb?.(batch);
  }
}

/** Asked again while the server is still beginning. */
async function answered<R>(call: (done: (error: Error | null, answer: R) => void) => unknown): Promise<R> {
  for (const until = Date.now() + 300_000; ; await sleep(200)) {
    try {
      return await new Promise<R>((resolve, reject) => {
        call((error, answer) => (error === null ? resolve(answer) : reject(error)));
      });
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}
