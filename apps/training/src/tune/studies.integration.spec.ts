import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PermanentFailure } from '@adstocrat/event-bus';
import { LeaseLost } from '@adstocrat/jobs';
import { PostgresJobs } from '@adstocrat/jobs-postgres';
import type { TuningTrialRecord } from '@adstocrat/metadata';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { type TestDatabase, testDatabase } from '@adstocrat/postgres';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { adsTask, spanOf } from '../testing/fixtures.ts';
import { worldOf, additive } from '../testing/small-world.ts';
import { doTrial, type DoTrialOptions } from './do-trial.ts';
import { Studies, type StudyView } from './studies.ts';
import { studyJob } from './study-job.ts';
import { recordFailure } from './study-trials.ts';
import type { TuningData } from './try-setting.ts';

const data = { data: worldOf(additive) } as TuningData;
const logger = createLogger({ service: 'test', level: 'silent' });
const rung = (epochs: number, loss: number): TuningTrialRecord['rungs'][number] => ({ epochs, loss, auc: 0.7 });

describe('studies on jobs', () => {
  let database: TestDatabase;
  let metadata: PostgresMetadata;
  let opened: PostgresJobs[] = [];
  beforeAll(async () => {
    database = await testDatabase();
    metadata = PostgresMetadata.open(database.url);
    await metadata.migrate();
    await instance().jobs.migrate();
    await metadata.putTask(adsTask);
  });
  let span = 0;
  beforeEach(() => metadata.putSpan(spanOf((span += 1))));
  afterEach(async () => {
    await Promise.all(opened.map((jobs) => jobs.close()));
    opened = [];
  });
  afterAll(async () => {
    await metadata.close();
    await database.drop();
  });

  /** What one process of training has. It works where it is told how a setting is tried. */
  function instance(
    tries?: DoTrialOptions['tries'],
    use: DoTrialOptions['prepared']['use'] = (_study, _how, work) => work(data),
  ) {
    const jobs = PostgresJobs.open(database.url, { leaseMs: 1000, pollMs: 20, firstPauseMs: 5 });
    opened.push(jobs);
    if (tries !== undefined)
      jobs.work(
        studyJob,
        {
          concurrency: 1,
          maxFailures: 2,
          onFailed: ({ payload, reason }, transaction) => recordFailure(metadata, payload, reason, transaction),
        },
        (job) => doTrial(job, { metadata, jobs, logger, tries, prepared: { use } }),
      );
    return { jobs, studies: new Studies(metadata, jobs) };
  }

  /** One whose loss is the learning rate: it says so at each rung for as long as it is let go on. */
  const byRate: DoTrialOptions['tries'] = async ({ learningRate }, _data, { epochs, onRung, signal }) => {
    const rungs: TuningTrialRecord['rungs'][number][] = [];
    let state: 'finished' | 'stopped' = 'finished';
    for (const share of [9, 3, 1]) {
      signal.throwIfAborted();
      rungs.push(rung(epochs / share, learningRate));
      if (share > 1 && !(await onRung(rungs))) {
        state = 'stopped';
        break;
      }
    }
    return { state, rungs, shown: { loss: learningRate, auc: 0.7, stretches: [learningRate, learningRate] }, cost: 1 };
  };

  async function ended(studies: Studies, id: string): Promise<StudyView> {
    for (const end = Date.now() + 240_000; ;) {
      const view = await studies.find(id);
      if (view !== undefined && view.state !== 'running') return view;
      if (Date.now() > end) throw new Error(`waited in vain until study ${id} ended`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const asked = (trials: number) => ({ task: 'ads', span, sampler: 'random', epochs: 9, seed: 1, trials }) as const;

  it('are shared by two processes: each trial is done once, the defaults are never stopped, others only where they are behind', async () => {
    const done = new Map<string, number>();
    const counted: DoTrialOptions['tries'] = (setting, ...rest) => {
      done.set(setting.name, (done.get(setting.name) ?? 0) + 1);
      return byRate(setting, ...rest);
    };
    const [one, other] = [instance(counted), instance(counted)];
    const ids = await Promise.all([one.studies.request(asked(30), 'a'), other.studies.request(asked(30), 'b')]);
    expect(ids[0]).toBe(ids[1]);
    const { state, trials } = await ended(one.studies, ids[0]!);
    expect(state).toBe('succeeded');
    expect(trials.map(({ trial }) => trial)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
    expect([...done.values()]).toEqual(Array.from({ length: 30 }, () => 1));
    // The world of the spec has two fields: the portfolio's four settings come first.
    expect(trials.map(({ from }) => from).lastIndexOf('portfolio')).toBe(3);
    for (const { from, state: how, rungs } of trials) {
      if (from === 'portfolio') expect(how).toBe('finished');
      if (how === 'finished') expect(rungs).toHaveLength(3);
      else expect([1, 2]).toContain(rungs.length);
    }
    const stopped = trials.filter((one) => one.state === 'stopped');
    expect(stopped.length).toBeGreaterThan(5);
    const lowest = Math.min(...trials.map(({ rungs }) => rungs[0]!.loss));
    expect(stopped.map(({ rungs }) => rungs[0]!.loss)).not.toContain(lowest);
  });

  it('go on where they were when they are asked for again, with more trials, and draw the same settings anew', async () => {
    const { studies } = instance(byRate);
    const id = await studies.request(asked(6), 'a');
    const first = await ended(studies, id);
    expect(await studies.request(asked(9), 'b')).toBe(id);
    const second = await ended(studies, id);
    expect(second.trials.slice(0, 6)).toEqual(first.trials);
    expect(second.trials).toHaveLength(9);
    await metadata.removeStudy(id);
    await studies.request(asked(9), 'c');
    const points = ({ trials }: StudyView) => trials.map(({ point }) => point);
    expect(points(await ended(studies, id))).toEqual(points(second));
  });

  it('that are cancelled keep what has ended, and go on when they are asked for again', async () => {
    const begun = Promise.withResolvers<void>();
    let waits = true;
    const { studies } = instance(async (setting, rows, how) => {
      if (waits && setting.name === 'trial 6') {
        begun.resolve();
        await new Promise((resolve) => how.signal.addEventListener('abort', resolve));
        throw how.signal.reason;
      }
      return byRate(setting, rows, how);
    });
    const id = await studies.request(asked(8), 'a');
    await begun.promise;
    expect(await studies.cancel(id, 'the user left')).toBe(true);
    const view = await ended(studies, id);
    expect(view).toMatchObject({ state: 'cancelled', reason: 'the user left' });
    expect(view.trials.filter(({ state }) => state !== 'running').map(({ trial }) => trial)).toEqual([1, 2, 3, 4, 5]);
    expect(await studies.cancel(id, 'again')).toBe(false);
    waits = false;
    await studies.request(asked(8), 'b');
    const again = await ended(studies, id);
    expect(again.state).toBe('succeeded');
    expect(again.trials.find(({ trial }) => trial === 6)?.point).toEqual(
      view.trials.find(({ trial }) => trial === 6)?.point,
    );
  });

  it('that are killed begin a trial anew with the setting it had, though others have ended since', async () => {
    const begun = Promise.withResolvers<void>();
    const [killed, other] = [
      instance(async (setting, rows, how) => {
        if (setting.name !== 'trial 12') return byRate(setting, rows, how);
        begun.resolve();
        await new Promise((resolve) => how.signal.addEventListener('abort', resolve));
        throw how.signal.reason;
      }),
      instance(),
    ];
    const id = await killed.studies.request({ ...asked(12), sampler: 'tpe' }, 'a');
    await begun.promise;
    const before = await metadata.listTuningTrials(id);
    // What the sampler would see now is not what it saw.
    await metadata.putTuningTrial({
      ...before[10]!,
      state: 'finished',
      rungs: [rung(1, 1e-9), rung(3, 1e-9), rung(9, 1e-9)],
    });
    await killed.jobs.close();
    instance(byRate);
    const view = await ended(other.studies, id);
    expect(view.state).toBe('succeeded');
    expect(view.trials[11]).toMatchObject({
      state: expect.stringMatching(/finished|stopped/),
      point: before[11]!.point,
    });
    expect(view.trials[11]!.attempt).toBeGreaterThan(before[11]!.attempt);
  });

  it('do not count what an attempt says after another one, and lose nothing by it', async () => {
    const { studies, jobs } = instance(byRate);
    const id = await studies.request(asked(6), 'a');
    const view = await ended(studies, id);
    const stale = { kind: 'tune', key: 'late', attempt: 0, tries: 1, payload: { study: id, trial: 6 } };
    const signal = new AbortController().signal;
    const nothing = () => Promise.resolve();
    const job = { ...stale, signal, report: () => undefined, advanced: nothing, output: nothing, finish: nothing };
    const options = {
      metadata,
      jobs,
      logger,
      tries: byRate,
      prepared: { use: (_s, _h, work) => work(data) } satisfies DoTrialOptions['prepared'],
    };
    // One that wakes up once the trial has ended.
    await doTrial(job, options);
    expect((await studies.find(id))?.trials).toEqual(view.trials);
    // One that wakes up while a later one is at it, before its first rung and at it.
    const running: TuningTrialRecord = { ...view.trials[5]!, attempt: 1000, state: 'running', rungs: [] };
    await metadata.putTuningTrial(running);
    await expect(doTrial(job, options)).rejects.toThrow(LeaseLost);
    const meanwhile: DoTrialOptions['tries'] = async (setting, rows, how) => {
      await metadata.putTuningTrial({ ...running, attempt: 1002 });
      return byRate(setting, rows, how);
    };
    await expect(doTrial({ ...job, attempt: 1001 }, { ...options, tries: meanwhile })).rejects.toThrow(LeaseLost);
    expect((await studies.find(id))?.trials[5]).toEqual({ ...running, attempt: 1002 });
  });

  it('are not tried again once their jobs are forgotten, nor in larger number than is asked for', async () => {
    let tried = 0;
    const counted: DoTrialOptions['tries'] = (...of) => {
      tried += 1;
      return byRate(...of);
    };
    const { studies, jobs } = instance(counted);
    const id = await studies.request(asked(7), 'a');
    const view = await ended(studies, id);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`DELETE FROM jobs.jobs WHERE kind = 'tune'`);
    await client.end();
    await studies.request(asked(5), 'b');
    expect(await ended(studies, id)).toMatchObject({ state: 'succeeded', trials: view.trials });
    expect(tried).toBe(7);
    await jobs.close();
    const idle = instance().studies;
    await idle.request(asked(500), 'c');
    expect(await idle.cancel(id, 'too many')).toBe(true);
    await idle.request(asked(8), 'd');
    expect((await idle.find(id))?.live).toHaveLength(1);
    await idle.cancel(id, 'enough');
  });

  it('end at once where the data gives no study, with its reason', async () => {
    let prepared = 0;
    const { studies } = instance(byRate, () => {
      prepared += 1;
      return Promise.reject(new PermanentFailure('there are no validation rows'));
    });
    const view = await ended(studies, await studies.request(asked(20), 'a'));
    expect(view).toMatchObject({ state: 'failed', reason: 'there are no validation rows', trials: [] });
    expect(prepared).toBe(1);
  });

  it('go on without a trial that failed, and say why it did', async () => {
    const { studies } = instance((setting, ...rest) =>
      setting.name === 'trial 5' ? Promise.reject(new PermanentFailure('no memory')) : byRate(setting, ...rest),
    );
    const view = await ended(studies, await studies.request(asked(7), 'a'));
    expect(view.state).toBe('succeeded');
    expect(view.trials.find(({ trial }) => trial === 5)).toMatchObject({
      state: 'failed',
      reason: 'no memory',
      rungs: [],
    });
    expect(view.trials.filter(({ state }) => state === 'failed')).toHaveLength(1);
  });

  it('go on where one machine’s disk is full, or a trial comes to no setting', async () => {
    let calls = 0;
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const { studies } = instance(byRate, (_study, _how, work) => {
      calls += 1;
      if (calls === 1) return Promise.reject(full);
      return work(data);
    });
    const view = await ended(studies, await studies.request(asked(6), 'a'));
    expect(view).toMatchObject({ state: 'succeeded' });
    expect(view.trials.map(({ trial }) => trial)).toEqual([2, 3, 4, 5, 6]);
  });

  it('keep the newest twenty of a task', async () => {
    const { studies } = instance(byRate);
    for (let seed = 1; seed <= 22; seed += 1) await ended(studies, await studies.request({ ...asked(1), seed }, 'a'));
    // The first of them again is the newest then.
    const again = await studies.request({ ...asked(1), seed: 3 }, 'b');
    expect((await studies.find(again))?.state).toBe('succeeded');
    await studies.request({ ...asked(1), seed: 23 }, 'a');
    expect((await metadata.listStudies('ads')).map(({ seed }) => seed)).toEqual([
      ...Array.from({ length: 18 }, (_, index) => index + 5),
      3,
      23,
    ]);
  });
});
