import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { training } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { createProgress, type Progress } from '../progress.ts';
import { call, callWhenUp, watch } from '../system/calls.ts';
import type { Clients } from '../system/clients.ts';
import { cancelledOnSignal } from '../system/end-on-signal.ts';
import { systemFor, type SystemChoice } from './system-for.ts';

export interface TuneOptions extends SystemChoice {
  readonly task: string;
  readonly span?: number;
  readonly trials: number;
  readonly epochs: number;
  readonly sampler: string;
  readonly seed: number;
  /** Where the page goes. */
  readonly out?: string;
  readonly json?: boolean;
}

/** Trials that the table shows. */
const shownTrials = 10;

/** Searches for settings beyond what a run tries by itself, and says whether they are worth having. */
export async function tune(options: TuneOptions): Promise<void> {
  const progress = createProgress();
  await using system = await systemFor(options, progress);
  const { clients } = system;
  const { task, span = 0, trials, epochs, sampler, seed } = options;
  const request = { task, span, trials, epochs, sampler, seed };
  const { studyId } = await callWhenUp<training.StartStudyResponse>((done) =>
    clients.training.startStudy(request, done),
  );
  progress.finish(
    `study ${studyId}: ${trials} trials of at most ${epochs} epochs; what has ended is kept, and the same command goes on from there`,
  );
  const cancelled = { studyId, reason: 'the command that asked for it was ended' };
  const study = await cancelledOnSignal(
    () => call<training.CancelStudyResponse>((done) => clients.training.cancelStudy(cancelled, done)),
    () => watchStudy(clients, studyId, progress),
  );
  const out = resolve(options.out ?? `tune-${task}.html`);
  const { html } = await callWhenUp<training.GetStudyPageResponse>((done) =>
    clients.training.getStudyPage({ studyId }, done),
  );
  await writeFile(out, html);
  if (options.json === true) {
    console.log(JSON.stringify({ ...study, page: out }));
    return;
  }
  console.table(study.trials.slice(0, shownTrials).map(rowOf));
  console.log(study.verdict?.sentence ?? 'nothing can be compared: no default setting has ended');
  console.log(`\n${study.settingsYaml}`);
  console.log(
    `These go into task.yaml where they are worth it; a run with them is judged by evaluation as any other.\nAll trials: ${out}`,
  );
}

/** Until it ends. Throws {@link ExitError} with its reason where it came to no end. */
async function watchStudy(clients: Clients, studyId: string, progress: Progress): Promise<training.Study> {
  const told = new Set<number>();
  for await (const { study } of watch(() => clients.training.watchStudy({ studyId }), { withinMs: 180_000 })) {
    if (study === undefined) continue;
    for (const trial of study.trials.toSorted((one, other) => one.trial - other.trial)) {
      if (told.has(trial.trial)) continue;
      told.add(trial.trial);
      progress.finish(lineOf(trial));
    }
    if (study.state === training.RunState.RUN_STATE_SUCCEEDED) return study;
    if (study.state !== training.RunState.RUN_STATE_RUNNING)
      throw new ExitError(
        1,
        `the study was ${study.state === training.RunState.RUN_STATE_CANCELLED ? 'cancelled' : 'not done'}: ${study.error}`,
      );
    const [first] = study.running;
    const left = study.secondsLeft > 0 ? `, about ${Math.ceil(study.secondsLeft)} s left` : '';
    const at = first === undefined ? 'waits' : `trial ${first.trial} ${first.step}`;
    progress.update(
      at,
      first?.done ?? 0,
      first?.total ?? 0,
      `${study.trials.length} of ${study.trialsAsked} trials${left}`,
    );
  }
  throw new ExitError(1, 'the study ended without saying how; see training’s log');
}

function lineOf(trial: training.StudyTrial): string {
  const { trial: number, state, isDefault, error, epochs, loss, auc, seconds } = trial;
  const whose = isDefault ? ' (a default)' : '';
  if (state === 'failed') return `trial ${number}${whose} failed: ${error}`;
  const figures = `log-loss ${loss.toFixed(5)}, AUC ${auc.toFixed(4)}`;
  return `trial ${number}${whose} ${state} after ${epochs.toFixed(1)} epochs, ${seconds.toFixed(1)} s: ${figures}; ${wordsOf(trial)}`;
}

function wordsOf({ parameters }: training.StudyTrial): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function rowOf(trial: training.StudyTrial): Readonly<Record<string, string | number>> {
  const { trial: number, state, isDefault, epochs, loss, auc, shownLoss, cost } = trial;
  return {
    trial: number,
    state,
    from: isDefault ? 'default' : 'drawn',
    epochs: Number(epochs.toFixed(1)),
    'log-loss': Number(loss.toFixed(5)),
    AUC: Number(auc.toFixed(4)),
    'log-loss shown': Number(shownLoss.toFixed(5)),
    'multiply-adds a row': cost,
    setting: wordsOf(trial),
  };
}
