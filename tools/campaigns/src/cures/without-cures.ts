import { spawn } from 'node:child_process';
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

/** Takes each cure out of a copy of the sources and runs the small campaign there: it must fail, within three runs. */
export async function withoutCures(options: WithoutCuresOptions): Promise<CampaignReport> {
  const { only, say } = options;
  const chosen = cures.filter(({ name }) => only === undefined || name.includes(only));
  const noticed: Cure[] = [];
  for (const cure of chosen) {
    using mutant = new Mutant(cure);
    for (let run = 0; run < runsEach && !noticed.includes(cure); run += 1) {
      const { holds, words } = await smallCampaign(mutant.folder, options, options.seed + run);
      say(`without "${cure.name}", seed ${options.seed + run}: ${words}`);
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

function smallCampaign(
  folder: string,
  { bus }: WithoutCuresOptions,
  seed: number,
): Promise<{ readonly holds: boolean; readonly words: string }> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@adstocrat/source',
      '--disable-warning=ExperimentalWarning',
      join(folder, 'tools/campaigns/src/main.ts'),
      ...['conservation', '--small', '--forget', '--bus', bus, '--seed', String(seed)],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder },
  );
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk) => out.push(String(chunk)));
  child.stderr.on('data', (chunk) => err.push(String(chunk)));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => {
      const last = out.join('').trim().split('\n').at(-1) ?? '';
      if (code === 0) done({ holds: true, words: 'every bar holds' });
      // Nothing was counted: that shows nothing.
      else if (!last.startsWith('{'))
        done({ holds: true, words: `it did not end: ${err.join('').trim().slice(-2000)}` });
      else {
        const { bars } = JSON.parse(last) as CampaignReport;
        const wrong = bars.filter(({ holds }) => !holds).map(({ name, value, limit }) => `${name} ${value} (${limit})`);
        done({ holds: false, words: wrong.join(', ') });
      }
    });
  });
}
