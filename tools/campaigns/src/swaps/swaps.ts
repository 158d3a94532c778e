import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, type CampaignReport, exactly } from '../campaign-report.ts';
import { healthy } from '../ground/health.ts';
import { type LoadResult, type LoadTarget, SteadyLoad } from './steady-load.ts';
import { SwappedModel } from './swapped-model.ts';

/** Requests a second meanwhile, half over gRPC and half over REST. */
const perSecond = 120;
const startWithinMs = 180_000;

export interface SwapPlan {
  readonly swaps: number;
  /** Requests between two swaps, at least. */
  readonly answersBetween: number;
  readonly rolls: number;
}

/**
 * 1,000 swaps of the version in force, then 20 rolling restarts of two processes, under load. Requests leave behind what V8 collects every
 * some ten thousand of them: a run of fewer would take its half of that for a trend.
 */
export const wholeSwapPlan: SwapPlan = { swaps: 1000, answersBetween: 40, rolls: 20 };

/** Too few for what memory does in the long run. */
export const smallSwapPlan: SwapPlan = { swaps: 20, answersBetween: 0, rolls: 1 };

/** Swaps versions of one server and restarts another's processes one by one while it is asked; looks at its memory and its answers. */
export async function swaps(plan: SwapPlan, say: (sentence: string) => void): Promise<CampaignReport> {
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-swaps-'));
  const model = await SwappedModel.open(folder);
  try {
    const swapped = await swapVersions(model, plan, say);
    const rolled = await rollProcesses(model, folder, plan.rolls, say);
    for (const failure of [...swapped.failures, ...rolled.failures].slice(0, 20)) say(failure);
    const { rssMib } = swapped;
    const early = rssMib[Math.floor(rssMib.length / 10)] ?? NaN;
    const ratio = Math.max(...rssMib.slice(Math.floor(rssMib.length / 10))) / early;
    const [third, last] = [middleOf(rssMib, 0.5, 0.75), middleOf(rssMib, 0.75, 1)];
    return {
      bench: 'swaps',
      figures: {
        swaps: plan.swaps,
        answeredDuringSwaps: swapped.answered,
        rssAfterTenthMib: early,
        rssThirdQuarterMib: third,
        rssLastQuarterMib: last,
        rolls: plan.rolls,
        answeredDuringRolls: rolled.answered,
      },
      peers: {},
      bars: [
        exactly('failed or mixed answers during swaps', swapped.failures.length, 0),
        exactly('failed or mixed answers during rolling restarts', rolled.failures.length, 0),
        atMost('largest memory after a tenth of the swaps, to then', ratio, 1.15),
        atMost('median memory of the last quarter, to that of the third', last / third, 1.03),
      ],
    };
  } finally {
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resident memory after each swap, beside what the load came to. */
async function swapVersions(
  model: SwappedModel,
  { swaps: count, answersBetween }: SwapPlan,
  say: (sentence: string) => void,
): Promise<LoadResult & { readonly rssMib: readonly number[] }> {
  const server = await model.server('swapped', {});
  server.start();
  try {
    await healthy(server, startWithinMs);
    const load = loadOf({ address: server.address, rest: server.restUrl });
    const rssMib: number[] = [];
    let version = 1;
    for (let swap = 1; swap <= count; swap += 1) {
      version = SwappedModel.after(version);
      await model.deploy(version);
      await load.until(() => load.lastVersion === version);
      await load.more(answersBetween);
      rssMib.push(residentMib(server.pid ?? 0));
      if (swap % 50 === 0) say(`${swap} of ${count} swaps, ${rssMib.at(-1)?.toFixed(0) ?? ''} MiB`);
    }
    return { ...(await load.stop()), rssMib };
  } finally {
    await server.stop(30_000);
  }
}

async function rollProcesses(
  model: SwappedModel,
  folder: string,
  count: number,
  say: (sentence: string) => void,
): Promise<LoadResult> {
  const server = await model.server('rolled', { SERVING_PROCESSES: '2' });
  server.start();
  try {
    await healthy(server, startWithinMs);
    const load = loadOf({ address: server.address, rest: server.restUrl });
    for (let roll = 1; roll <= count; roll += 1) {
      await load.more(perSecond);
      server.kill('SIGHUP');
      while (rolledIn(join(folder, 'rolled.log')) < roll) await sleep(100);
      say(`${roll} of ${count} rolling restarts`);
    }
    await load.more(perSecond);
    return await load.stop();
  } finally {
    await server.stop(30_000);
  }
}

function loadOf(target: LoadTarget): SteadyLoad {
  return new SteadyLoad([target], { perSecond, fault: (answer) => SwappedModel.fault(answer) });
}

function rolledIn(logFile: string): number {
  return readFileSync(logFile, 'utf8').split('every process is a new one').length - 1;
}

function residentMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Median of the stretch of values between two shares of them. */
function middleOf(values: readonly number[], from: number, to: number): number {
  const part = values.slice(Math.floor(values.length * from), Math.floor(values.length * to)).toSorted((a, b) => a - b);
  return part[Math.floor(part.length / 2)] ?? NaN;
}
