import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
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
  const out = resolve(options.out ?? `tune-${task}.html`);
  await mkdir(dirname(out), { recursive: true });
  const { studyId } = await callWhenUp<training.StartStudyResponse>((done) =>
    clients.training.startStudy(request, done),
  );
  progress.finish(`study ${studyId}: what has ended is kept, and the same command goes on from there`);
  const cancelled = { studyId, reason: 'the command that asked for it was ended' };
  const study = await cancelledOnSignal(
    () => call<training.CancelStudyResponse>((done) => clients.training.cancelStudy(cancelled, done)),
    () => watchStudy(clients, studyId, progress),
  );
  const { html } = await callWhenUp<training.GetStudyPageResponse>((done) =>
    clients.training.getStudyPage({ studyId }, done),
  );
  await writeFile(out, html);
  if (options.json === true) console.log(JSON.stringify({ ...study, page: out }));
  else show(study, out);
  if (study.state === training.RunState.RUN_STATE_SUCCEEDED) return;
  const how = study.state === training.RunState.RUN_STATE_CANCELLED ? 'was cancelled' : 'failed';
  throw new ExitError(1, `the study ${how}: ${study.error}`);
}

function show(study: training.Study, page: string): void {
  console.table(study.trials.slice(0, shownTrials).map(rowOf));
  if (study.verdict !== undefined) console.log(study.verdict.sentence);
  if (study.settingsYaml !== '')
    console.log(
      `\nFor task.yaml, where it is worth it; evaluation judges a run with it as any other:\n\n${study.settingsYaml}`,
    );
  console.log(`All trials: ${page}`);
}

/** Until it ends, however it does. */
async function watchStudy(clients: Clients, studyId: string, progress: Progress): Promise<training.Study> {
  const told = new Set<number>();
  for await (const { study } of watch(() => clients.training.watchStudy({ studyId }), { withinMs: 180_000 })) {
    if (study === undefined) continue;
    for (const trial of study.trials.toSorted((one, other) => one.trial - other.trial)) {
      if (told.has(trial.trial)) continue;
      told.add(trial.trial);
      progress.finish(lineOf(trial));
    }
    if (study.state !== training.RunState.RUN_STATE_RUNNING) return study;
    const [first] = study.running;
    const left = study.secondsLeft > 0 ? `, about ${Math.ceil(study.secondsLeft)} s left` : '';
    const at = first === undefined ? 'waits' : `trial ${first.trial} ${first.step}`;
    const done = `${study.trials.length} of ${study.trialsAsked} trials${left}`;
    progress.update(at, first?.done ?? 0, first?.total ?? 0, done);
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
