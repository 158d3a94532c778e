import { digestOf } from '@adstocrat/artifact-folders';
import { PermanentFailure } from '@adstocrat/event-bus';
import { type Calibration, uncalibrated } from '@adstocrat/models';
import { chooseCalibration, type TriedCalibration } from '../calibration/choose-calibration.ts';
import { forgetful, type RunMemory } from '../checkpoint/snapshot.ts';
import { baseRateOf } from '../data/training-rows.ts';
import { recipe } from '../run/run-inputs.ts';
import type { Candidate, CurvePoint } from './candidate.ts';
import { choose, type Choice } from './choose.ts';
import { fitAgain, type ServedModel } from './fit-again.ts';
import { type FittedCandidate, fittedMembers, type FitOptions, type FitProgress } from './fitted-members.ts';
import { halve } from './halve.ts';
import { idCountsOf } from './id-counts.ts';
import { cautiousLinear, type LinearCandidate, linearCandidate } from './linear-candidate.ts';
import { portfolio } from './portfolio.ts';
import { assertRoom } from './assert-room.ts';
import { batchSizeFor, fewestLabels, patienceEpochs, phases } from './schedule.ts';
import { type RecalledSearch, recalledSearch, type SearchPosition, snapshotOf } from './search-snapshot.ts';
import type { Setting } from './setting.ts';
import { Trial } from './trial.ts';
import { modelInputs, type TrialData } from './trial-data.ts';

export interface SearchOptions {
  /** Epochs of one model, all trials together. */
  readonly budget: number;
  readonly seed: number;
  readonly batchSize?: number;
  /** Steps at most, all trials together. */
  readonly maxSteps?: number;
  /** Instead of the settings' own. */
  readonly learningRate?: number;
  /** Instead of the default ones. */
  readonly settings?: readonly Setting[];
}

/** Where a search stands. */
export interface SearchProgress {
  readonly trial: string;
  readonly step: number;
  /** Steps of the whole search; fewer where trials end early. */
  readonly steps: number;
  readonly trainLoss: number;
  /** Of the trial's best look so far. */
  readonly validationLoss: number;
  readonly validationAuc: number;
  readonly examplesPerSecond: number;
  /** At the speed so far. */
  readonly secondsLeft: number;
}

/** What one candidate showed. */
export interface TrialSummary {
  readonly name: string;
  readonly epochs: number;
  readonly bestEpoch: number;
  /** Calibrated. */
  readonly validationLoss: number;
  readonly validationAuc: number;
  readonly chosen: boolean;
  /** What its first weights were, where it might have begun from the model in service. */
  readonly beginning?: string;
  /** Steps after which its numbers were not finite and it went on from its best look. */
  readonly wentBack: readonly number[];
  /** The step after which they were so once too often. */
  readonly failedAtStep?: number;
  readonly curve: readonly CurvePoint[];
}

export interface SearchResult extends Choice {
  /** The choice, with what is fitted at once fitted again on all rows that are not for evaluation. */
  readonly served: ServedModel;
  /** What the served scores go through. Looks are judged after Platt scaling whatever it is. */
  readonly calibration: Calibration;
  /** Each kind on rows that it was not fitted on; empty where rows are too few. */
  readonly calibrationsTried: readonly TriedCalibration[];
  readonly trials: readonly TrialSummary[];
  /** Networks whose numbers were never finite past their beginning. They are not chosen from. */
  readonly astray: readonly string[];
  /** The validation rows had too few of a label to choose or to calibrate by. */
  readonly cautious: boolean;
}

/**
 * Finds a model: a logistic regression, models that are fitted at once beside it, and from there successive halving over the portfolio, judged by calibrated log-loss on the validation rows, then the cheapest
 * choice that is as good as the best. Where those rows have fewer than {@link fewestLabels} of a label, they choose nothing: a
 * cautious logistic regression is what comes back. The same data, options and seed give the same model. Throws `signal.reason` when aborted,
 * and a `PermanentFailure` where all labels are alike or nothing gives finite numbers. What it has come to is kept in `memory`: a
 * search that is killed and begun again with it goes on from there, to the same model.
 */
export async function searchModel(
  data: TrialData,
  options: SearchOptions,
  signal: AbortSignal,
  onProgress: (progress: SearchProgress | FitProgress) => void,
  memory: RunMemory = forgetful,
): Promise<SearchResult> {
  const { train, validation, graph } = data;
  const { seed, budget, learningRate } = options;
  const batchSize = Math.min(options.batchSize ?? batchSizeFor(train.rows), train.rows);
  const epoch = Math.max(1, Math.floor(train.rows / batchSize));
  const { positives } = train;
  if (positives === 0 || positives === train.rows)
    throw new PermanentFailure(
      `all ${train.rows} training rows have the label ${positives === 0 ? 0 : 1}: there is nothing to learn`,
    );
  const shown = count(validation.labels);
  if (Math.min(shown, validation.rows - shown) < fewestLabels) {
    const only = await cautiousLinear(data);
    if (only !== undefined) {
      const choice = await choose([only], validation.labels);
      const chosen = { ...choice, look: only.best ?? choice.look, calibration: uncalibrated };
      return {
        ...chosen,
        served: await fitAgain(chosen, data, { linear: only, seed, budget, signal, onProgress }),
        calibrationsTried: [],
        trials: [summaryOf(only, choice)],
        astray: [],
        cautious: true,
      };
    }
  }
  const settings = options.settings ?? portfolio(modelInputs(data));
  if (options.settings !== undefined) assertRoom(settings, modelInputs(data));
  const about = digestOf({
    recipe,
    graph,
    inputs: modelInputs(data),
    options: { ...options, batchSize, settings },
    rows: [train.rows, validation.rows],
  });
  const kept = await memory.recall(about);
  const recalled = kept && (await recalledSearch(kept, data));
  if (recalled === undefined) onProgress({ fit: 'linear', done: 0, total: 0 });
  const linear = recalled === undefined ? await linearCandidate(data, signal) : recalled.linear;
  const start: SearchPosition = { phase: 0, kept: [...settings.keys()], steps: 0, fits: recalled?.fits ?? 0 };
  const fitted = await fittedOn(linear, recalled, data, { seed, budget, signal, onProgress }, (found, fits) =>
    memory.keep(() => snapshotOf(about, { ...start, fits }, { linear, fitted: found, trials: [] }), true),
  );
  const trialOptions = {
    batchSize,
    seed,
    idCounts: await idCountsOf(train, graph),
    baseRate: baseRateOf(train),
    ...(linear && { linear }),
  };
  const trials: Trial[] = [];
  try {
    for (const [index, setting] of settings.entries()) {
      const own = learningRate === undefined ? setting : { ...setting, learningRate };
      trials.push(new Trial(own, data, trialOptions, recalled?.trials[index]));
      await new Promise(setImmediate);
    }
    const planned = phases.map(({ keep, twelfths }) => ({
      trials: Math.min(keep, trials.length),
      steps: Math.max(1, Math.round((epoch * budget * twelfths) / 12)),
    }));
    const wanted = planned.reduce((sum, phase) => sum + phase.trials * phase.steps, 0);
    const scale = Math.min(1, (options.maxSteps ?? Infinity) / wanted);
    const steps = Math.ceil(wanted * scale);
    const begun = performance.now();
    const doneBefore = recalled?.steps ?? 0;
    let done = doneBefore;
    let position: Omit<SearchPosition, 'steps'> = { ...(recalled ?? start), fits: fittedMembers.size };
    const keep = (milestone: boolean): Promise<void> =>
      memory.keep(() => snapshotOf(about, { ...position, steps: done }, { linear, fitted, trials }), milestone);
    const onStep = async ({ name, trainLoss, best }: Trial): Promise<void> => {
      signal.throwIfAborted();
      done += 1;
      const seconds = (performance.now() - begun) / 1000;
      onProgress({
        trial: name,
        step: done,
        steps,
        trainLoss,
        validationLoss: best?.loss ?? NaN,
        validationAuc: best?.auc ?? NaN,
        examplesPerSecond: ((done - doneBefore) * batchSize) / seconds,
        secondsLeft: ((steps - done) * seconds) / (done - doneBefore),
      });
      await keep(false);
    };
    await keep(recalled === undefined);
    for (const [index, phase] of phases.entries()) {
      const stretch = {
        steps: Math.max(1, Math.floor((planned[index]?.steps ?? 1) * scale)),
        decays: index === phases.length - 1,
        patience: patienceEpochs * epoch,
      };
      if (index < position.phase) continue;
      if (index > position.phase)
        position = {
          ...position,
          phase: index,
          kept: halve(goingOn(trials), phase.keep).map((trial) => trials.indexOf(trial)),
        };
      const { kept } = position;
      // Those given up keep the weights of their best look, and nothing in TensorFlow.
      for (const [at, trial] of trials.entries()) if (!kept.includes(at)) trial.dispose();
      for (const [at, trial] of trials.entries()) {
        if (!kept.includes(at) || trial.stretches > index) continue;
        if (trial.step === 0) await trial.look();
        await trial.train(stretch, onStep);
        await keep(true);
      }
    }
    const atOnce: readonly Candidate[] = [...(linear === undefined ? [] : [linear]), ...fitted];
    const candidates = [...atOnce, ...trials.filter((trial) => !isAstray(trial))];
    if (!candidates.some(({ best }) => Number.isFinite(best?.loss)))
      throw new PermanentFailure(`no setting gives a finite loss (${failuresOf(trials)}): lower training.learningRate`);
    const choice = await choose(candidates, data.validation.labels);
    const { calibration, tried } = await chooseCalibration(choice.look.logits, data.validation.labels);
    return {
      ...choice,
      served: await fitAgain({ ...choice, calibration }, data, { linear, seed, budget, signal, onProgress }),
      calibration,
      calibrationsTried: tried,
      trials: [...atOnce, ...trials].map((candidate) => summaryOf(candidate, choice)),
      astray: trials.filter(isAstray).map(({ name }) => name),
      cautious: false,
    };
  } finally {
    for (const trial of trials) trial.dispose();
  }
}

/** The members that are fitted at once, those of before among them. `keep` is told after each fit. */
async function fittedOn(
  linear: LinearCandidate | undefined,
  before: Pick<RecalledSearch, 'fitted' | 'fits'> | undefined,
  data: TrialData,
  options: Omit<FitOptions, 'linear'>,
  keep: (found: readonly FittedCandidate[], fits: number) => Promise<void>,
): Promise<readonly FittedCandidate[]> {
  const found: FittedCandidate[] = [...(before?.fitted ?? [])];
  if (linear === undefined) return found;
  for (const [index, member] of [...fittedMembers.values()].entries()) {
    if (index < (before?.fits ?? 0)) continue;
    const one = await member(data, { linear, ...options });
    if (one !== undefined) found.push(one);
    await keep([...found], index + 1);
  }
  return found;
}

function summaryOf(candidate: Candidate, { members }: Choice): TrialSummary {
  const { name, epochs, bestEpoch, best, wentBack = [], failedAtStep, curve } = candidate;
  return {
    name,
    epochs,
    bestEpoch,
    validationLoss: best?.loss ?? NaN,
    validationAuc: best?.auc ?? NaN,
    chosen: members.includes(candidate),
    curve,
    wentBack,
    ...(candidate.beginning !== undefined && { beginning: candidate.beginning }),
    ...(failedAtStep !== undefined && { failedAtStep }),
  };
}

/** One that was given up has nothing left to go on with, however those fare that were kept instead. */
function goingOn(trials: readonly Trial[]): readonly Trial[] {
  return trials.filter((trial) => trial.goesOn);
}

/** Whether its numbers were not finite again and again, and never better than at its start where they were. */
function isAstray({ failed, wentBack, bestStep }: Trial): boolean {
  return failed || (wentBack.length > 0 && bestStep === 0);
}

function failuresOf(trials: readonly Trial[]): string {
  return trials.map(({ name, step }) => `"${name}" until step ${step}`).join(', ');
}

function count(labels: Float32Array): number {
  return labels.reduce((sum, label) => sum + label, 0);
}
