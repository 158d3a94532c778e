import type { TuningTrialRecord } from '@adstocrat/metadata';
import { decimals, escapeHtml, page, table } from '../report/html.ts';
import { type Axis, parallelCoordinates } from '../report/parallel-coordinates.ts';
import { linePlot } from '../report/plots.ts';
import { judgeStudy, ranked } from './judge-study.ts';
import { foundSettingsYaml } from './found-settings.ts';
import type { Point } from '@adstocrat/tuning';
import { axesOf } from './study-axes.ts';
import type { StudyView } from './studies.ts';
import { verdictSentence } from './verdict-sentence.ts';

/** A study on one page that needs nothing else. */
export function studyPage({ study, trials, state, reason }: StudyView): string {
  const order = ranked(trials);
  const verdict = judgeStudy(trials);
  const best = order[0];
  const why = reason === undefined ? '' : `: ${reason}`;
  return page(
    `${study.task}: study ${study.id}`,
    `<p>${escapeHtml(`${order.length} of ${study.trials} trials have ended; the study is ${state}${why}. Spans ${study.spans.join(', ')}, at most ${study.epochs} epochs a trial, sampler ${study.sampler}, seed ${study.seed}.`)}</p>
<p><strong>${escapeHtml(verdictSentence(verdict))}</strong></p>
<h2>Trials</h2>
<p>Chosen by log-loss on half of the validation rows, calibrated; shown on the other half, which chose nothing. Blue is best.</p>
${coordinatesOf(order)}
${table(
  [
    'trial',
    'setting',
    'epochs',
    'log-loss, choosing',
    'AUC, choosing',
    'log-loss, shown',
    'multiply-adds a row',
    'seconds',
  ],
  order.map((trial) => [
    trial.from === 'portfolio' ? `${trial.trial}, a default` : `${trial.trial}`,
    wordsOf(trial.point),
    decimals(trial.rungs.at(-1)?.epochs ?? NaN, 1),
    decimals(trial.rungs.at(-1)?.loss ?? NaN, 5),
    decimals(trial.rungs.at(-1)?.auc ?? NaN),
    decimals(trial.shown?.loss ?? NaN, 5),
    (trial.cost ?? 0).toLocaleString('en'),
    decimals(trial.seconds ?? NaN, 1),
  ]),
)}
${failuresOf(trials)}
<h2>By number</h2>
${linePlot([{ name: 'log-loss of the best trial so far, choosing rows', points: bestSoFar(trials) }], 'best loss over trials')}
${best === undefined ? '' : `<h2>For task.yaml</h2><pre>${escapeHtml(foundSettingsYaml(trials))}</pre>`}`,
  );
}

/** A point for people. */
export function wordsOf(point: Point): string {
  const { model = '', ...others } = point;
  const rest = Object.entries(others).map(([name, value]) => `${name} ${value}`);
  return [model, ...rest].join(', ');
}

function coordinatesOf(order: readonly TuningTrialRecord[]): string {
  if (order.length === 0) return '';
  return `<div class="wide">${parallelCoordinates(axesOf(order), strandsOf(order), 'each trial’s parameters and its loss')}</div>`;
}

function strandsOf(order: readonly TuningTrialRecord[]): Parameters<typeof parallelCoordinates>[1] {
  return order.map(({ trial, point, rungs }, index) => ({
    name: `trial ${trial}: ${wordsOf(point)}`,
    values: { ...point, 'log-loss': rungs.at(-1)?.loss ?? NaN } satisfies Record<Axis['name'], number | string>,
    rank: order.length === 1 ? 0 : index / (order.length - 1),
  }));
}

function bestSoFar(trials: readonly TuningTrialRecord[]): readonly { readonly x: number; readonly y: number }[] {
  let least = Infinity;
  return trials.flatMap(({ trial, state, rungs }) => {
    const loss = rungs.at(-1)?.loss;
    if (state === 'failed' || loss === undefined) return [];
    least = Math.min(least, loss);
    return [{ x: trial, y: least }];
  });
}

function failuresOf(trials: readonly TuningTrialRecord[]): string {
  const failed = trials.filter(({ state }) => state === 'failed');
  if (failed.length === 0) return '';
  return `<h3>Failed</h3>${table(
    ['trial', 'setting', 'why'],
    failed.map(({ trial, point, reason }) => [trial, wordsOf(point), reason ?? '']),
  )}`;
}
