import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CampaignReport, exactly } from '../campaign-report.ts';
import type { Cure } from './cure.ts';
import { cures } from './cures.ts';
import { Mutant } from './mutant.ts';

export interface WithoutCuresOptions {
  readonly bus: 'postgres' | 'kafka';
  readonly seed: number;
  /** Words of a cure's name; all cures where it is absent. */
  readonly only?: string;
  readonly say: (sentence: string) => void;
}

/** What a cure's absence does depends on what meets what in time: it may take some runs to show. */
const runsEach = 3;

/** Takes each cure out of a copy of the sources and runs its spec there, or the small campaign: it must fail, within three runs. */
export async function withoutCures(options: WithoutCuresOptions): Promise<CampaignReport> {
  const { only, say } = options;
  const chosen = cures.filter(({ name }) => only === undefined || name.includes(only));
  const noticed: Cure[] = [];
  for (const cure of chosen) {
    using mutant = new Mutant(cure);
    for (let run = 0; run < runsEach && !noticed.includes(cure); run += 1) {
      const seed = options.seed + run;
      const { holds, words } =
        cure.spec === undefined
          ? await smallCampaign(mutant.folder, options, seed)
          : await spec(mutant.folder, cure.spec);
      say(`without "${cure.name}", ${cure.spec ?? `seed ${seed}`}: ${words}`);
      if (!holds) noticed.push(cure);
    }
  }
  return {
    bench: 'cures',
    figures: { cures: chosen.length, seed: options.seed },
    peers: {},
    bars: chosen.map((cure) => exactly(`noticed without: ${cure.name}`, noticed.includes(cure) ? 1 : 0, 1)),
  };
}

interface Outcome {
  readonly holds: boolean;
  readonly words: string;
}

async function smallCampaign(folder: string, { bus }: WithoutCuresOptions, seed: number): Promise<Outcome> {
  const { code, out, err } = await node(folder, [
    '--conditions=@adstocrat/source',
    '--disable-warning=ExperimentalWarning',
    join(folder, 'tools/campaigns/src/main.ts'),
    ...['conservation', '--small', '--forget', '--bus', bus, '--seed', String(seed)],
  ]);
  const last = out.trim().split('\n').at(-1) ?? '';
  if (code === 0) return { holds: true, words: 'every bar holds' };
  // Nothing was counted: that shows nothing.
  if (!last.startsWith('{')) return { holds: true, words: `it did not end: ${err.trim().slice(-2000)}` };
  const { bars } = JSON.parse(last) as CampaignReport;
  const wrong = bars.filter(({ holds }) => !holds).map(({ name, value, limit }) => `${name} ${value} (${limit})`);
  return { holds: false, words: wrong.join(', ') };
}

async function spec(folder: string, path: string): Promise<Outcome> {
  const written = join(folder, 'spec.json');
  const vitest = join(folder, 'node_modules/vitest/vitest.mjs');
  const { err } = await node(folder, [vitest, 'run', path, '--reporter=json', `--outputFile=${written}`]);
  if (!existsSync(written)) return { holds: true, words: `it did not end: ${err.trim().slice(-2000)}` };
  const { testResults } = JSON.parse(readFileSync(written, 'utf8')) as SpecReport;
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ title }) => title);
  return {
    holds: failed.length === 0,
    words: failed.length === 0 ? 'every case passes' : `fails: ${failed.join('; ')}`,
  };
}

interface SpecReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
}

function node(
  folder: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk) => out.push(String(chunk)));
  child.stderr.on('data', (chunk) => err.push(String(chunk)));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      done({ code, out: out.join(''), err: err.join('') });
    });
  });
}
