import { PermanentFailure } from '@adstocrat/event-bus';
import { type Job, type Jobs, LeaseLost, type Transaction } from '@adstocrat/jobs';
import type { StudyRecord, StudyRegistry, TuningTrialRecord } from '@adstocrat/metadata';
import { diskFull } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { goesOn, isSamplerName } from '@adstocrat/tuning';
import { modelInputs } from '../search/trial-data.ts';
import { drawPoint } from './draw-point.ts';
import { hasShown } from './has-shown.ts';
import type { PreparedStudy } from './prepared-study.ts';
import { settingOf } from './space.ts';
import { studyJob, type StudyPayload, trialPrefix } from './study-job.ts';
import type { trySetting, TuningData } from './try-setting.ts';

export interface DoTrialOptions {
  readonly metadata: StudyRegistry;
  readonly jobs: Jobs;
  readonly prepared: Pick<PreparedStudy, 'use'>;
  readonly logger: Logger;
  /** `trySetting`, or what stands for it. */
  readonly tries: typeof trySetting;
}

/**
 * Does one trial of a study: draws its setting from what others have shown, trains by it, and records what it showed. A trial that was killed begins anew with the
 * setting it had; what an attempt says after another one began does not count. Data that gives no study ends all its trials.
 */
export async function doTrial(job: Job<StudyPayload>, options: DoTrialOptions): Promise<void> {
  const { metadata, jobs, prepared } = options;
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
      await tryOne(job, study, data, options, onStep);
    });
  } catch (error) {
    // A disk is one machine's: others go on.
    const full = diskFull(error);
    if (full !== undefined) throw new PermanentFailure(full, { cause: error });
    if (!isPrepared && error instanceof PermanentFailure)
      for (const { key } of await jobs.live(studyJob))
        if (key.startsWith(trialPrefix(study)) && key !== job.key) await jobs.cancel(studyJob, key, error.message);
    throw error;
  }
  options.logger.info({ study: id, trial }, 'trial ended');
}

async function tryOne(
  job: Job<StudyPayload>,
  study: StudyRecord,
  data: TuningData,
  { metadata, jobs, tries }: DoTrialOptions,
  onStep: (step: string, done: number, total: number) => void,
): Promise<void> {
  const own = await jobs.transaction((transaction) => begin(job, study, data, metadata, transaction));
  // It has ended: its job was asked for though it need not have been.
  if (own.state !== 'running') return;
  const begun = performance.now();
  const name = own.from === 'portfolio' ? `default ${own.trial}` : `trial ${own.trial}`;
  const tried = await tries(settingOf(own.point, name), data, {
    epochs: study.epochs,
    signal: job.signal,
    onStep: (done, total) => {
      onStep('train', done, total);
    },
    onRung: (rungs) => jobs.transaction((transaction) => compare({ ...own, rungs }, metadata, transaction)),
  });
  const seconds = (performance.now() - begun) / 1000;
  await job.finish((transaction) => metadata.putTuningTrial({ ...own, ...tried, seconds }, transaction));
}

/** The trial's record as this attempt begins it, or as it ended. Throws {@link LeaseLost} where a later attempt has begun. */
async function begin(
  { payload, attempt }: Job<StudyPayload>,
  { id, sampler, seed }: StudyRecord,
  { data }: TuningData,
  metadata: StudyRegistry,
  transaction: Transaction,
): Promise<TuningTrialRecord> {
  await metadata.lockStudy(id, transaction);
  const trials = await metadata.listTuningTrials(id, transaction);
  const before = trials.find(({ trial }) => trial === payload.trial);
  if (before !== undefined && hasShown(before)) return before;
  if (before !== undefined && before.attempt > attempt) throw new LeaseLost('a later attempt tries this setting');
  if (!isSamplerName(sampler)) throw new PermanentFailure(`there is no sampler "${sampler}"`);
  const { from, point } = before ?? drawPoint(modelInputs(data), { sampler, seed }, payload.trial, trials);
  const own: TuningTrialRecord = { ...payload, attempt, state: 'running', from, point, rungs: [] };
  await metadata.putTuningTrial(own, transaction);
  return own;
}

/**
 * Whether the trial goes on from the rung that it has come to. What a run tries by itself is never stopped: the others are measured by it. Throws {@link LeaseLost}
 * where a later attempt has begun.
 */
async function compare(own: TuningTrialRecord, metadata: StudyRegistry, transaction: Transaction): Promise<boolean> {
  await metadata.lockStudy(own.study, transaction);
  const trials = await metadata.listTuningTrials(own.study, transaction);
  const recorded = trials.find(({ trial }) => trial === own.trial);
  if (recorded?.attempt !== own.attempt || recorded.state !== 'running')
    throw new LeaseLost('another attempt has this trial');
  await metadata.putTuningTrial(own, transaction);
  if (own.from === 'portfolio') return true;
  const rung = own.rungs.length - 1;
  const others = trials.filter(({ trial }) => trial !== own.trial).flatMap(({ rungs }) => rungs[rung]?.loss ?? []);
  return goesOn(own.rungs[rung]?.loss ?? Infinity, others);
}
