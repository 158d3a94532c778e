import type { TuningTrialRecord } from '@adstocrat/metadata';
import type { training } from '@adstocrat/schemas';
import { foundSettingsYaml } from '../tune/found-settings.ts';
import { judgeStudy, ranked } from '../tune/judge-study.ts';
import type { StudyView } from '../tune/studies.ts';
import { studyJob } from '../tune/study-job.ts';
import { verdictSentence } from '../tune/verdict-sentence.ts';
import { runStates } from './run-message.ts';

export function studyMessage(view: StudyView): training.Study {
  const { study, trials, live, state, reason } = view;
  const order = ranked(trials);
  const failed = trials.filter((trial) => trial.state === 'failed');
  const verdict = judgeStudy(trials);
  const running = live.filter((job) => job.state === 'running');
  return {
    studyId: study.id,
    task: study.task,
    spans: [...study.spans],
    sampler: study.sampler,
    epochs: study.epochs,
    seed: study.seed,
    trialsAsked: study.trials,
    state: runStates[state],
    error: reason ?? '',
    trials: [...order, ...failed].map(trialMessage),
    running: running.map(({ payload, progress }) => {
      const { step = 'wait', done = 0, total = 0 } = progress ?? {};
      return { trial: studyJob.parse(payload).trial, step, done, total };
    }),
    verdict: verdict && {
      bestTrial: verdict.best.trial,
      defaultTrial: verdict.portfolio.trial,
      difference: verdict.difference,
      standardError: verdict.standardError,
      isBetter: verdict.isBetter,
      sentence: verdictSentence(verdict),
    },
    settingsYaml: order.length === 0 ? '' : foundSettingsYaml(trials),
    secondsLeft: secondsLeft(view),
  };
}

function trialMessage(trial: TuningTrialRecord): training.StudyTrial {
  const { point, rungs, shown } = trial;
  const last = rungs.at(-1);
  return {
    trial: trial.trial,
    state: trial.state,
    isDefault: trial.from === 'portfolio',
    parameters: Object.fromEntries(Object.entries(point).map(([name, value]) => [name, String(value)])),
    epochs: last?.epochs ?? 0,
    loss: last?.loss ?? 0,
    auc: last?.auc ?? 0,
    shownLoss: shown?.loss ?? 0,
    shownAuc: shown?.auc ?? 0,
    cost: trial.cost ?? 0,
    seconds: trial.seconds ?? 0,
    error: trial.reason ?? '',
  };
}

/** As long as those of the sampler took on average: the defaults are never stopped, and so take longer. */
function secondsLeft({ trials, live }: StudyView): number {
  const timed = trials.filter(({ seconds }) => seconds !== undefined);
  const drawn = timed.filter(({ from }) => from === 'sampler');
  const of = drawn.length > 0 ? drawn : timed;
  const mean = of.reduce((sum, { seconds = 0 }) => sum + seconds, 0) / Math.max(1, of.length);
  const atOnce = Math.max(1, live.filter(({ state }) => state === 'running').length);
  return (mean * live.length) / atOnce;
}
