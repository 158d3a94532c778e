import { costPerRow } from '@adstocrat/models';
import type { TuningTrialRecord } from '@adstocrat/metadata';
import { lookAt } from '../search/look.ts';
import type { Setting } from '../search/setting.ts';
import { Trial, type TrialOptions } from '../search/trial.ts';
import type { TrialData } from '../search/trial-data.ts';
import { rungsOf } from '@adstocrat/tuning';
import type { TuningRows } from './tuning-rows.ts';

/** What trials of a study are made from; its validation rows are those that choose. */
export interface TuningData {
  readonly data: TrialData;
  readonly rows: TuningRows;
  readonly options: TrialOptions;
}

export interface TryOptions {
  /** At most. */
  readonly epochs: number;
  readonly signal: AbortSignal;
  readonly onStep: (done: number, total: number) => void;
  /** Told of each rung but the last. Whether the trial goes on. */
  readonly onRung: (rungs: TuningTrialRecord['rungs']) => Promise<boolean>;
}

/** How a trial ended. */
export type Tried = Pick<TuningTrialRecord, 'rungs' | 'shown' | 'cost' | 'reason'> & {
  readonly state: 'finished' | 'stopped' | 'failed';
};

/**
 * Trains by a setting from rung to rung, the last way with a learning rate that falls to 0. Its best look on the choosing rows is what it is scored and calibrated by on
 * the others. Throws `signal.reason` when aborted.
 */
export async function trySetting(
  setting: Setting,
  { data, rows, options }: TuningData,
  how: TryOptions,
): Promise<Tried> {
  const { signal, onStep, onRung } = how;
  const epoch = Math.max(1, Math.floor(data.train.rows / options.batchSize));
  const ends = rungsOf(how.epochs).map((epochs) => Math.max(1, Math.round(epochs * epoch)));
  const total = ends.at(-1) ?? 1;
  const trial = new Trial(setting, data, options);
  const rungs: TuningTrialRecord['rungs'][number][] = [];
  try {
    await trial.look();
    let stopped = false;
    for (const [index, end] of ends.entries()) {
      const stretch = {
        steps: end - (ends[index - 1] ?? 0),
        decays: index === ends.length - 1,
        // What is compared at a rung has had its epochs, and the last ones, at a falling rate, may better what none before them did.
        patience: Infinity,
      };
      await trial.train(stretch, ({ step }) => {
        signal.throwIfAborted();
        onStep(step, total);
        return Promise.resolve();
      });
      const { best, failed } = trial;
      if (best === undefined || failed) break;
      rungs.push({ epochs: trial.epochs, loss: best.loss, auc: best.auc });
      stopped = index < ends.length - 1 && !(await onRung(rungs));
      if (stopped) break;
    }
    const cost = costPerRow(trial.spec);
    if (trial.best === undefined || trial.failed)
      return { state: 'failed', rungs, cost, reason: `its loss was not finite at step ${trial.step}` };
    const { showing, bounds } = rows;
    const look = lookAt(await trial.bestLogits(showing), showing.labels, trial.best.calibration);
    const mean = (losses: Float64Array): number => losses.reduce((sum, one) => sum + one, 0) / losses.length;
    const stretches = bounds.slice(1).map((end, index) => mean(look.rowLosses.subarray(bounds[index], end)));
    return {
      state: stopped ? 'stopped' : 'finished',
      rungs,
      cost,
      shown: { loss: look.loss, auc: look.auc, stretches },
    };
  } finally {
    trial.dispose();
  }
}
