import { PermanentFailure } from '@adstocrat/event-bus';
import type { Job, Jobs, Transaction } from '@adstocrat/jobs';
import type { StudyRecord, StudyRegistry, TuningTrialRecord } from '@adstocrat/metadata';
import type { ModelInputs } from '@adstocrat/models';
import { diskFull } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { modelInputs } from '../search/trial-data.ts';
import { drawPoint } from './draw-point.ts';
import type { PreparedStudy } from './prepared-study.ts';
import { goesOn, isSamplerName } from '@adstocrat/tuning';
import { settingOf } from './space.ts';
import { studyJob, type StudyPayload, trialPrefix } from './study-job.ts';
import type { trySetting } from './try-setting.ts';
import { type TuningData } from './try-setting.ts';

export interface DoTrialOptions {
  readonly metadata: StudyRegistry;
  readonly jobs: Jobs;
  readonly prepared: Pick<PreparedStudy, 'use'>;
  readonly logger: Logger;
  /** {@link trySetting}, or what stands for it. */
  readonly tries: typeof trySetting;
}

/**
 * Does one trial of a study: draws its setting from what others have shown, trains by it, and records what it showed. A trial that was killed begins anew with the
 * setting it had. Data that gives no study ends all its trials.
 */
export async function doTrial(job: Job<StudyPayload>, options: DoTrialOptions): Promise<void> {
  const { metadata, jobs, prepared, logger, tries } = options;
  const { study: id, trial } = job.payload;
  const study = await metadata.getStudy(id);
  if (study === undefined) throw new PermanentFailure(`study ${id} was forgotten`);
  const onStep = (step: string, done: number, total: number): void => {
    job.signal.throwIfAborted();
    job.report({ step, done, total });
  };
  let isPrepared = false;
  try {
    await prepared.use(study, { signal: job.signal, onStep }, async (data) => {
      isPrepared = true;
      await tryOne(study, trial, data);
    });
  } catch (error) {
    const full = diskFull(error);
    const known = full === undefined ? error : new PermanentFailure(full, { cause: error });
    if (!isPrepared && known instanceof PermanentFailure) await endOthers(study, known.message);
    throw known;
  }

  async function tryOne(of: StudyRecord, number: number, data: TuningData): Promise<void> {
    const own = await jobs.transaction((transaction) => begin(of, number, modelInputs(data.data), transaction));
    const name = own.from === 'portfolio' ? `default ${number}` : `trial ${number}`;
    const begun = performance.now();
    const tried = await tries(settingOf(own.point, name), data, {
      epochs: of.epochs,
      signal: job.signal,
      onStep: (done, total) => {
        onStep('train', done, total);
      },
      onRung: (rungs) => jobs.transaction((transaction) => compare({ ...own, rungs }, transaction)),
    });
    const seconds = (performance.now() - begun) / 1000;
    const ended: TuningTrialRecord = { ...own, ...tried, seconds };
    await job.finish((transaction) => metadata.putTuningTrial(ended, transaction));
    logger.info({ study: id, trial: number, state: ended.state, loss: ended.rungs.at(-1)?.loss }, 'trial ended');
  }

  async function begin(
    of: StudyRecord,
    number: number,
    inputs: ModelInputs,
    transaction: Transaction,
  ): Promise<TuningTrialRecord> {
    await metadata.lockStudy(id, transaction);
    const trials = await metadata.listTuningTrials(id, transaction);
    const before = trials.find((one) => one.trial === number);
    const { sampler, seed } = of;
    if (!isSamplerName(sampler)) throw new PermanentFailure(`there is no sampler "${sampler}"`);
    const { from, point } = before ?? drawPoint(inputs, { sampler, seed }, number, trials);
    const own: TuningTrialRecord = { study: id, trial: number, state: 'running', from, point, rungs: [] };
    await metadata.putTuningTrial(own, transaction);
    return own;
  }

  /** What a run tries by itself is never stopped: the others are measured by it. */
  async function compare(own: TuningTrialRecord, transaction: Transaction): Promise<boolean> {
    await metadata.lockStudy(id, transaction);
    const trials = await metadata.listTuningTrials(id, transaction);
    const recorded = trials.find((one) => one.trial === own.trial);
    // Another attempt has ended it: this one's end will not count.
    if (recorded?.state !== 'running') return false;
    await metadata.putTuningTrial(own, transaction);
    const rung = own.rungs.length - 1;
    const losses = trials.flatMap(({ trial: other, rungs }) =>
      other === own.trial ? [] : rungs.slice(rung, rung + 1),
    );
    return (
      own.from === 'portfolio' ||
      goesOn(
        own.rungs.at(-1)?.loss ?? Infinity,
        losses.map(({ loss }) => loss),
      )
    );
  }

  async function endOthers(of: StudyRecord, reason: string): Promise<void> {
    for (const { key } of await jobs.live(studyJob))
      if (key.startsWith(trialPrefix(of)) && key !== job.key) await jobs.cancel(studyJob, key, reason);
  }
}
