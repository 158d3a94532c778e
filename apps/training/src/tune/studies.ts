import { createHash } from 'node:crypto';
import { canonicalJson } from '@adstocrat/examples';
import type { JobRecord, Jobs } from '@adstocrat/jobs';
import type { Metadata, StudyRecord, TuningTrialRecord } from '@adstocrat/metadata';
import { parseTask } from '@adstocrat/tasks';
import { chooseSpans } from '../run/choose-spans.ts';
import { runIdOf } from '../run/run-inputs.ts';
import type { SamplerName } from '@adstocrat/tuning';
import { hasShown } from './has-shown.ts';
import { studyJob, trialKey, trialPrefix } from './study-job.ts';

/** Studies of a task that are kept, the newest. */
const keptStudies = 20;

export interface StudyRequest {
  readonly task: string;
  /** The newest one to train on. */
  readonly span: number;
  readonly sampler: SamplerName;
  readonly epochs: number;
  readonly seed: number;
  readonly trials: number;
}

/** A study as people see it. */
export interface StudyView {
  readonly study: StudyRecord;
  /** Those that have begun, by number. */
  readonly trials: readonly TuningTrialRecord[];
  /** Where running trials are. */
  readonly live: readonly JobRecord[];
  readonly state: 'running' | 'succeeded' | 'cancelled' | 'failed';
  /** Why it did not come to its end. */
  readonly reason?: string;
}

/** Studies as they are asked for, cancelled and looked at. Doing their trials is `DoTrial`'s. */
export class Studies {
  readonly #metadata: Metadata;
  readonly #jobs: Jobs;

  constructor(metadata: Metadata, jobs: Jobs) {
    this.#metadata = metadata;
    this.#jobs = jobs;
  }

  /**
   * Asks for a study, for `by` (a call's id). Returns its id. The same rows, task, sampler, epochs and seed are one study: what was tried is not tried
   * again, more trials are added, and those whose job failed or was cancelled are tried anew. Throws a `RangeError` where task or span is not recorded.
   */
  async request({ task, span, sampler, epochs, seed, trials }: StudyRequest, by: string): Promise<string> {
    const record = await this.#metadata.getTask(task);
    if (record === undefined)
      throw new RangeError(`no task "${task}" is recorded: ingestion records it with its first span`);
    const read = parseTask(record.resolvedYaml, `task "${task}"`);
    const spans = chooseSpans(await this.#metadata.listSpans(task), span, read.thresholds.retrainSpans);
    // What a study sets by itself makes no other study of it.
    const {
      settings: _settings,
      learningRate: _learningRate,
      budget: _budget,
      maxSteps: _steps,
      ...training
    } = read.training;
    const inputs = { run: runIdOf({ ...read, training }, spans), sampler, epochs, seed };
    const id = createHash('sha256').update(canonicalJson(inputs)).digest('hex').slice(0, 16);
    await this.#jobs.transaction(async (transaction) => {
      await this.#metadata.lockStudy(id, transaction);
      const before = await this.#metadata.getStudy(id);
      const begun = await this.#metadata.listTuningTrials(id, transaction);
      const live = before === undefined ? [] : await this.#live(before);
      // What was tried and what is being tried is part of it, however few are asked for now.
      const numbers = [...begun.map(({ trial }) => trial), ...live.map(({ payload }) => studyJob.parse(payload).trial)];
      const now = Date.now();
      const study: StudyRecord = {
        id,
        task,
        spans: spans.map((one) => one.span),
        digests: spans.map((one) => one.digest),
        taskYaml: record.resolvedYaml,
        sampler,
        epochs,
        seed,
        trials: Math.max(trials, ...numbers),
        madeAtMs: before?.madeAtMs ?? now,
        askedAtMs: now,
      };
      await this.#metadata.putStudy(study, transaction);
      const ended = new Set(begun.filter(hasShown).map(({ trial }) => trial));
      for (let trial = 1; trial <= study.trials; trial += 1)
        if (!ended.has(trial))
          await this.#jobs.request(
            { kind: studyJob, key: trialKey(study, trial), payload: { study: id, trial }, by },
            transaction,
          );
    });
    await this.#forgetOld(task);
    return id;
  }

  /** False where there is no such study, or it has ended. */
  async cancel(id: string, reason: string): Promise<boolean> {
    const study = await this.#metadata.getStudy(id);
    if (study === undefined) return false;
    const live = await this.#live(study);
    // Those that run last: who ends one of them finds none to take up.
    const [running, waiting] = [live.filter(isRunning), live.filter((job) => !isRunning(job))];
    for (const jobs of [waiting, running])
      await Promise.all(jobs.map(({ key }) => this.#jobs.cancel(studyJob, key, reason)));
    return live.length > 0;
  }

  async find(id: string): Promise<StudyView | undefined> {
    const study = await this.#metadata.getStudy(id);
    if (study === undefined) return undefined;
    // The jobs first: a trial's end and its record are one transaction.
    const live = await this.#live(study);
    const trials = await this.#metadata.listTuningTrials(id);
    if (live.length > 0) return { study, trials, live, state: 'running' };
    const ended = new Set(trials.filter(({ state }) => state !== 'running').map(({ trial }) => trial));
    const missing: (JobRecord | undefined)[] = [];
    for (let trial = 1; trial <= study.trials; trial += 1)
      if (!ended.has(trial)) missing.push(await this.#jobs.get(studyJob, trialKey(study, trial)));
    // One that failed before it had a setting is an end like another.
    const failed = missing.find((job) => job?.state === 'failed');
    const isCancelled = missing.some((job) => job?.state !== 'failed');
    const some = trials.some(hasShown);
    if (some && !isCancelled) return { study, trials, live, state: 'succeeded' };
    const state = isCancelled && (some || failed === undefined) ? 'cancelled' : 'failed';
    const cancelled = missing.find((job) => job?.state === 'cancelled');
    const reason =
      state === 'cancelled'
        ? cancelled?.reason
        : (failed?.reason ?? trials.find((one) => one.reason !== undefined)?.reason);
    return { study, trials, live, state, ...(reason !== undefined && { reason }) };
  }

  /** In the order in which they were last asked for. */
  async list(task: string): Promise<readonly StudyView[]> {
    const views: StudyView[] = [];
    for (const { id } of await this.#metadata.listStudies(task)) {
      const view = await this.find(id);
      if (view !== undefined) views.push(view);
    }
    return views;
  }

  async #live(study: StudyRecord): Promise<readonly JobRecord[]> {
    return (await this.#jobs.live(studyJob)).filter(({ key }) => key.startsWith(trialPrefix(study)));
  }

  async #forgetOld(task: string): Promise<void> {
    for (const { id } of (await this.#metadata.listStudies(task)).slice(0, -keptStudies))
      await this.#jobs.transaction(async (transaction) => {
        await this.#metadata.lockStudy(id, transaction);
        // Asked for meanwhile, it is one of the newest.
        const old = (await this.#metadata.listStudies(task)).slice(0, -keptStudies).find((study) => study.id === id);
        if (old !== undefined && (await this.#live(old)).length === 0)
          await this.#metadata.removeStudy(id, transaction);
      });
  }
}

function isRunning({ state }: JobRecord): boolean {
  return state === 'running';
}
