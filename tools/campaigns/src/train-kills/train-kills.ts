import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { Random } from '@adstocrat/adworld';
import { closePool, openPool } from '@adstocrat/postgres-client';
import { ingestion } from '@adstocrat/schemas';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import { ingested } from '../conservation/first-models.ts';
import { Ground } from '../ground/ground.ts';
import { writeClickLog } from './click-log.ts';
import { watchedRun } from './watched-run.ts';

const kills = 20;
/** Of the steps that the run left alone came to: fewer than planned, where trials without a better look ended early. */
const lastKill = 0.9;
/** Wall milliseconds within which an ended run's checkpoints are gone. */
const sweptMs = 120_000;
const task = 'name: clicks\ndata: {examples: ["*.csv"]}\nlabel: clicked\nid: row\ntraining: {batchSize: 512}\n';

/** A run as it ended. */
interface Ended {
  readonly digest: string;
  readonly killed: number;
  /** The most steps that its progress told, of those planned. */
  readonly reached: number;
  readonly attempts: number;
  readonly seconds: number;
  readonly checkpointsLeft: number;
}

/**
 * The same run twice, each on a system of its own with two processes of training: left alone, and with both processes killed (SIGKILL) when
 * its progress passes each of 20 random steps. What comes out must be the same bytes, and no checkpoint be left.
 */
export async function trainKills(seed: number, say: (sentence: string) => void): Promise<CampaignReport> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-train-kills-'));
  try {
    const data = join(folder, 'data');
    mkdirSync(data);
    writeClickLog(join(data, 'log.csv'), new Random(seed, 'log'));
    say(`seed ${seed}: a run that is left alone`);
    const calm = await trained(join(folder, 'calm'), data, [], say);
    say(`${calm.digest} after ${calm.seconds.toFixed(0)} s; the same with ${kills} kills`);
    const random = new Random(seed, 'kills');
    const shares = Array.from({ length: kills }, () => random.uniform() * lastKill * calm.reached).sort(
      (a, b) => a - b,
    );
    const killed = await trained(join(folder, 'killed'), data, shares, say);
    say(`${killed.digest} after ${killed.seconds.toFixed(0)} s and ${killed.attempts} attempts`);
    return {
      bench: 'train-kills',
      figures: { seed, attempts: killed.attempts, seconds: killed.seconds, secondsLeftAlone: calm.seconds },
      peers: {},
      bars: [
        exactly('kills', killed.killed, kills),
        exactly('digestsThatDiffer', killed.digest === calm.digest ? 0 : 1, 0),
        exactly('checkpointsLeft', calm.checkpointsLeft + killed.checkpointsLeft, 0),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Has the data ingested and trained on. `shares`: of the planned steps, ascending, at which training is killed. */
async function trained(
  folder: string,
  data: string,
  shares: readonly number[],
  say: (sentence: string) => void,
): Promise<Ended> {
  mkdirSync(folder);
  const ground = await Ground.start({
    folder,
    bus: 'postgres',
    instances: 2,
    names: ['ingestion', 'training'],
    environment: { CHECKPOINT_EVERY_MS: '300' },
  });
  const pool = openPool(ground.database.url, { name: 'train-kills', max: 1 });
  const client = new ingestion.IngestionServiceClient(
    ground.of('ingestion')[0]?.address ?? '',
    credentials.createInsecure(),
  );
  try {
    const begunMs = performance.now();
    await ingested(client, ground, task, data);
    let killed = 0;
    let dead = 0;
    let reached = 0;
    for (;;) {
      await sleep(25);
      const run = await watchedRun(pool);
      if (run === undefined) continue;
      if (run.state === 'failed') throw new Error(`the run has failed: ${run.reason ?? ''}`);
      if (run.state === 'succeeded') {
        const seconds = (performance.now() - begunMs) / 1000;
        const checkpointsLeft = await checkpointsLeftIn(join(folder, 'artifacts'));
        return {
          digest: digestIn(join(folder, 'artifacts')),
          killed,
          reached,
          attempts: run.tries,
          seconds,
          checkpointsLeft,
        };
      }
      if (run.total > 0) reached = Math.max(reached, run.done / run.total);
      const share = shares[killed];
      if (share === undefined || run.attempt === dead || run.total === 0 || run.done < share * run.total) continue;
      for (const training of ground.of('training')) training.kill('SIGKILL');
      dead = run.attempt;
      killed += 1;
      say(`kill ${killed} at step ${run.done} of ${run.total}`);
    }
  } finally {
    client.close();
    await closePool(pool);
    await ground.stop();
  }
}

/** Of the only servable. */
function digestIn(artifacts: string): string {
  const [manifest = ''] = filesBelow(join(artifacts, 'models')).filter((path) => path.endsWith('/servable.json'));
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly digest: string }).digest;
}

/** Files of checkpoints that stay: they are removed right after the run, or by the sweep within a minute. */
async function checkpointsLeftIn(artifacts: string): Promise<number> {
  for (const until = Date.now() + sweptMs; ; await sleep(100)) {
    const left = filesBelow(join(artifacts, 'checkpoints')).length;
    if (left === 0 || Date.now() > until) return left;
  }
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
