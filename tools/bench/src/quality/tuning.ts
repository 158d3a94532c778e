import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonOf, runCommand } from '@adstocrat/campaigns';
import { parseTask, taskYaml } from '@adstocrat/tasks';
import { parse } from 'yaml';
import type { BenchReport } from '../bench-report.ts';
import type { DataSet } from './data-set.ts';
import { expectedDifference, expectedQuality } from './expected-quality.ts';
import { checked, homeIn, ourScores, scoresOf, trained } from './our-scores.ts';
import { qualityOptions } from './quality-options.ts';
import { sets } from './sets.ts';

/** Of `tune --json`. */
interface Study {
  readonly settingsYaml: string;
  readonly trials: readonly { readonly seconds: number }[];
  readonly verdict: { readonly difference: number; readonly standardError: number; readonly isBetter: boolean };
}

/**
 * What `tune` is worth where the true probabilities are known: a model with the defaults, a study, and a model with the settings that it found, which has
 * to pass the gate. Options of `quality`, and `--trials N` and `--epochs N` of `tune`.
 */
export async function tuning(args: readonly string[]): Promise<BenchReport> {
  const { rows, seeds, isWanted, own } = qualityOptions(args, [...sets.keys()], { trials: '30', epochs: '9' });
  const how = Object.entries(own).flatMap(([name, value]) => [`--${name}`, value]);
  const figures: Record<string, number> = { rows, seeds: seeds.length };
  for (const [name, write] of sets) {
    if (!isWanted(name)) continue;
    for (const seed of seeds) {
      const folder = mkdtempSync(join(tmpdir(), 'adstocrat-tuning-'));
      try {
        const set = await write(rows, seed, folder);
        for (const [figure, value] of Object.entries(await worthOf(set, how, folder)))
          figures[`${name}, seed ${seed}: ${figure}`] = value;
        console.error(`${name}, seed ${seed}: ${JSON.stringify(figures, undefined, 1)}`);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  }
  return { bench: 'tuning', figures, peers: {}, bars: [] };
}

async function worthOf(
  set: DataSet,
  how: readonly string[],
  folder: string,
): Promise<Readonly<Record<string, number>>> {
  const { probabilities } = set;
  const before = await ourScores(set, folder);
  const result = await runCommand([
    ...['tune', ...homeIn(folder), '--task', set.name, ...how],
    ...['--out', join(folder, 'study.html'), '--json'],
  ]);
  checked(result);
  const study = jsonOf<Study>(result);
  const tuned = { ...set, task: join(folder, 'tuned.yaml') };
  const task = parseTask(readFileSync(set.task, 'utf8'), set.task);
  const { training } = parse(study.settingsYaml) as { readonly training: typeof task.training };
  writeFileSync(tuned.task, taskYaml({ ...task, training: { ...task.training, ...training } }));
  const blessed = await trained(tuned, folder);
  const after = await scoresOf(tuned, folder);
  const gain = expectedDifference(after, before, probabilities);
  const quality = { ceiling: probabilities, before, after };
  const figures: Record<string, number> = {};
  for (const [who, scores] of Object.entries(quality)) {
    const { logLoss, auc } = expectedQuality(scores, probabilities);
    figures[`log-loss, ${who}`] = logLoss;
    figures[`AUC, ${who}`] = auc;
  }
  return {
    ...figures,
    'log-loss after less before': gain.mean,
    'standard error of that': gain.standardError,
    'the study said': study.verdict.difference,
    'standard error of what it said': study.verdict.standardError,
    'said to be better': Number(study.verdict.isBetter),
    blessed: Number(blessed),
    trials: study.trials.length,
    'seconds of trials': study.trials.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
