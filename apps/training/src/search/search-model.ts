import { PermanentFailure } from '@adstocrat/event-bus';
import type { Candidate } from './candidate.ts';
import { choose, type Choice } from './choose.ts';
import { halve } from './halve.ts';
import { idCountsOf } from './id-counts.ts';
import { cautiousLinear, linearCandidate } from './linear-candidate.ts';
import { portfolio } from './portfolio.ts';
import { batchSizeFor, fewestLabels, patienceEpochs, phases } from './schedule.ts';
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
}

export interface SearchResult extends Choice {
  readonly trials: readonly TrialSummary[];
  /** The validation rows had too few of a label to choose or to calibrate by. */
  readonly cautious: boolean;
}

/**
 * Finds a model: a logistic regression, and from there successive halving over the portfolio, judged by calibrated log-loss on the validation rows, then the cheapest
 * choice that is as good as the best. Where those rows have fewer than {@link fewestLabels} of a label, they choose nothing: a
 * cautious logistic regression is what comes back. The same data, options and seed give the same model. Throws `signal.reason` when aborted,
 * and a `PermanentFailure` where all labels are alike or
 * no setting gives finite numbers.
 */
export async function searchModel(
  data: TrialData,
  options: SearchOptions,
  signal: AbortSignal,
  onProgress: (progress: SearchProgress) => void,
): Promise<SearchResult> {
  const { train, validation, graph } = data;
  const { seed, learningRate } = options;
  const batchSize = Math.min(options.batchSize ?? batchSizeFor(train.rows), train.rows);
  const epoch = Math.max(1, Math.floor(train.rows / batchSize));
  const positives = count(train.labels);
  if (positives === 0 || positives === train.rows)
    throw new PermanentFailure(
      `all ${train.rows} training rows have the label ${positives === 0 ? 0 : 1}: there is nothing to learn`,
    );
  const shown = count(validation.labels);
  if (Math.min(shown, validation.rows - shown) < fewestLabels) {
    const only = await cautiousLinear(data);
    if (only !== undefined) {
      const choice = choose([only], validation.labels);
      return { ...choice, look: only.best ?? choice.look, trials: [summaryOf(only, choice)], cautious: true };
    }
  }
  const linear = await linearCandidate(data, signal);
  const trialOptions = {
    batchSize,
    seed,
    idCounts: idCountsOf(train, graph, seed),
    baseRate: positives / train.rows,
    ...(linear && { linear }),
  };
  const settings = options.settings ?? portfolio(modelInputs(data));
  const trials: Trial[] = [];
  try {
    for (const setting of settings)
      trials.push(new Trial(learningRate === undefined ? setting : { ...setting, learningRate }, data, trialOptions));
    const planned = phases.map(({ keep, twelfths }) => ({
      trials: Math.min(keep, trials.length),
      steps: Math.max(1, Math.round((epoch * options.budget * twelfths) / 12)),
    }));
    const wanted = planned.reduce((sum, phase) => sum + phase.trials * phase.steps, 0);
    const scale = Math.min(1, (options.maxSteps ?? Infinity) / wanted);
    const steps = Math.ceil(wanted * scale);
    const begun = performance.now();
    let done = 0;
    const onStep = ({ name, trainLoss, best }: Trial): void => {
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
        examplesPerSecond: (done * batchSize) / seconds,
        secondsLeft: ((steps - done) * seconds) / done,
      });
    };
    for (const [index, { keep }] of phases.entries()) {
      const stretch = {
        steps: Math.max(1, Math.floor((planned[index]?.steps ?? 1) * scale)),
        decays: index === phases.length - 1,
        patience: patienceEpochs * epoch,
      };
      const kept = index === 0 ? trials : halve(trials, keep);
      // Those given up keep the weights of their best look, and nothing in TensorFlow.
      for (const trial of trials) if (!kept.includes(trial)) trial.dispose();
      for (const trial of kept) {
        if (index === 0) await trial.look();
        await trial.train(stretch, onStep);
      }
    }
    const candidates: readonly Candidate[] = [...(linear === undefined ? [] : [linear]), ...trials];
    if (candidates.every(({ best }) => best === undefined) || trials.every(({ failed }) => failed))
      throw new PermanentFailure('no setting gives a finite loss: lower training.learningRate');
    const choice = choose(candidates, data.validation.labels);
    return { ...choice, trials: candidates.map((candidate) => summaryOf(candidate, choice)), cautious: false };
  } finally {
    for (const trial of trials) trial.dispose();
  }
}

function summaryOf(candidate: Candidate, { members }: Choice): TrialSummary {
  const { name, epochs, bestEpoch, best } = candidate;
  return {
    name,
    epochs,
    bestEpoch,
    validationLoss: best?.loss ?? NaN,
    validationAuc: best?.auc ?? NaN,
    chosen: members.includes(candidate),
  };
}

function count(labels: Float32Array): number {
  return labels.reduce((sum, label) => sum + label, 0);
}
