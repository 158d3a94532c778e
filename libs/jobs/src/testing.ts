import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type EventBus,
  type IncomingEvent,
  PermanentFailure,
  type Topic,
  TransientFailure,
} from '@adstocrat/event-bus';
import { JobCancelled, Postponed, type Job, type JobKind, type JobRecord, type Jobs, WorkerStopping } from './index.ts';

/** An adapter under test. Its lease is `leaseMs`, its first pause a few milliseconds. */
export interface JobsUnderTest {
  readonly leaseMs: number;
  /** A process of its own on the same database, as another instance of a service is. */
  open(): Jobs;
  readonly bus: EventBus;
  close(): Promise<void>;
}

interface Sum {
  readonly numbers: readonly number[];
}

const text: Topic<string> = {
  name: 'jobs-contract.said',
  message: 'contract.Text',
  encode: (value) => new TextEncoder().encode(value),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

/** What every {@link Jobs} holds. */
export function jobsContract(name: string, open: () => Promise<JobsUnderTest>): void {
  describe(`${name} as jobs`, () => {
    let subject: JobsUnderTest;
    let opened: Jobs[] = [];
    let kinds = 0;
    beforeAll(async () => {
      subject = await open();
      await Promise.all([instance().migrate(), instance().migrate()]);
    });
    afterEach(async () => {
      await Promise.all(opened.map((jobs) => jobs.close()));
      opened = [];
    });
    afterAll(() => subject.close());

    function instance(): Jobs {
      const jobs = subject.open();
      opened.push(jobs);
      return jobs;
    }

    function sums(): JobKind<Sum> {
      kinds += 1;
      return { name: `sum ${kinds}`, parse: (payload) => payload as Sum };
    }

    async function ended(jobs: Jobs, kind: JobKind<Sum>, key: string): Promise<JobRecord> {
      let last: JobRecord | undefined;
      for await (const job of jobs.watch(kind, key, AbortSignal.timeout(20_000))) last = job;
      if (last === undefined) throw new Error(`there is no job ${kind.name}/${key}`);
      return last;
    }

    const request = (kind: JobKind<Sum>, key: string, by = 'a test'): Parameters<Jobs['request']>[0] => ({
      kind,
      key,
      payload: { numbers: [1, 2] },
      by,
    });

    it('is one job to whoever asks at once, done once by one of two instances', async () => {
      const kind = sums();
      const instances = [instance(), instance()];
      const done: string[] = [];
      for (const jobs of instances)
        jobs.work(kind, { concurrency: 2 }, async (job) => {
          done.push(job.key);
          await job.finish(() => Promise.resolve(job.payload.numbers.reduce((sum, one) => sum + one, 0)));
        });
      const keys = Array.from({ length: 20 }, (_, index) => `key ${index % 10}`);
      await Promise.all(keys.map((key, index) => instances[index % 2]?.request(request(kind, key, `${index}`))));
      for (const key of new Set(keys))
        expect(await ended(instances[0]!, kind, key)).toMatchObject({ result: 3, tries: 1 });
      expect(done.toSorted()).toEqual([...new Set(keys)].sort());
    });

    it('keeps a finished job as it is, and tries one that failed anew where another asks', async () => {
      const kind = sums();
      const jobs = instance();
      let broken = true;
      jobs.work(kind, { concurrency: 1 }, () =>
        broken ? Promise.reject(new PermanentFailure('the data is wrong')) : Promise.resolve(),
      );
      await jobs.request(request(kind, 'k', 'event 1'));
      expect(await ended(jobs, kind, 'k')).toMatchObject({ state: 'failed', reason: 'the data is wrong', tries: 1 });
      broken = false;
      expect(await jobs.request(request(kind, 'k', 'event 1'))).toMatchObject({ state: 'failed' });
      expect(await jobs.request(request(kind, 'k', 'event 2'))).toMatchObject({ state: 'waiting', tries: 0 });
      expect(await ended(jobs, kind, 'k')).toMatchObject({ state: 'succeeded', tries: 1 });
      expect(await jobs.request(request(kind, 'k', 'event 3'))).toMatchObject({ state: 'succeeded' });
    });

    it('tries again what failed: without end where a dependency is away, else a few times', async () => {
      const jobs = instance();
      const [passing, away, unknown] = [sums(), sums(), sums()];
      const failing =
        (times: number, error: () => Error) =>
        (job: Job<Sum>): Promise<void> =>
          job.tries > times ? Promise.resolve() : Promise.reject(error());
      jobs.work(
        passing,
        { concurrency: 1, maxFailures: 3 },
        failing(6, () => new TransientFailure('the store is away')),
      );
      jobs.work(
        away,
        { concurrency: 1, maxFailures: 3, dependenciesAnswer: () => Promise.resolve(false) },
        failing(6, () => new Error('who knows')),
      );
      const reasons: string[] = [];
      jobs.work(
        unknown,
        {
          concurrency: 1,
          maxFailures: 3,
          onFailed: ({ key, payload, reason }) => {
            reasons.push(`${key} of ${payload.numbers.length}: ${reason}`);
            return Promise.resolve();
          },
        },
        failing(6, () => new Error('who knows')),
      );
      await Promise.all([passing, away, unknown].map((kind) => jobs.request(request(kind, 'k'))));
      expect(await ended(jobs, passing, 'k')).toMatchObject({ state: 'succeeded', tries: 7 });
      expect(await ended(jobs, away, 'k')).toMatchObject({ state: 'succeeded', tries: 7 });
      expect(await ended(jobs, unknown, 'k')).toMatchObject({ state: 'failed', tries: 3, reason: 'who knows' });
      expect(reasons).toEqual(['k of 2: who knows']);
    });

    it('records nothing of an attempt that throws in its end, and the events of one that ends', async () => {
      const kind = sums();
      const jobs = instance();
      const heard: IncomingEvent<string>[] = [];
      const subscription = await subject.bus.subscribe(text, { group: 'contract', from: 'latest' }, (batch) => {
        heard.push(...batch);
        return Promise.resolve();
      });
      jobs.relay(subject.bus);
      jobs.work(kind, { concurrency: 1 }, (job) =>
        job.finish(async (transaction) => {
          const say = (word: string): Promise<void> =>
            transaction.publish(text, [{ id: word, key: 'k', source: 'test', event: word }]);
          await say(`${job.key} of try ${job.tries}`);
          if (job.tries === 1) throw new TransientFailure('not yet');
          await say(`${job.key} again`);
        }),
      );
      for (const key of ['a', 'b', 'c']) {
        await jobs.request(request(kind, key));
        await ended(jobs, kind, key);
      }
      const lone = jobs.transaction(async (transaction) => {
        await transaction.publish(text, [{ id: 'never', key: 'k', source: 'test', event: 'never' }]);
        throw new Error('rolled back');
      });
      await expect(lone).rejects.toThrow('rolled back');
      await jobs.transaction((transaction) =>
        transaction.publish(text, [{ id: 'last', key: 'k', source: 'test', event: 'last' }]),
      );
      await until('the last event came', () => heard.some(({ event }) => event === 'last'));
      const words = ['a', 'b', 'c'].flatMap((key) => [`${key} of try 2`, `${key} again`]);
      expect(heard.map(({ event }) => event)).toEqual([...words, 'last']);
      expect(heard.map(({ id }) => id)).toEqual([...words, 'last']);
      await subscription.close();
    });

    it('has a job go on later as often as it asks for it, with nothing counted against it', async () => {
      const kind = sums();
      const jobs = instance();
      const tries: number[] = [];
      jobs.work(kind, { concurrency: 1, maxFailures: 2 }, (job) => {
        tries.push(job.tries);
        // Three failures in all, which is one too many, but for what lies between them.
        if (tries.length % 2 === 1) throw new Error('something odd');
        if (tries.length < 6) throw new Postponed('nothing to do yet', 5);
        return job.finish(() => Promise.resolve(tries.length));
      });
      await jobs.request({ kind, key: 'later', payload: { numbers: [] }, by: 'a test' });
      expect(await ended(jobs, kind, 'later')).toMatchObject({ state: 'succeeded', result: 6 });
    });

    it('removes what an attempt wrote that did not finish, and nothing of one that did', async () => {
      const kind = sums();
      const [jobs, later] = [instance(), instance()];
      const finished: number[] = [];
      jobs.work(kind, { concurrency: 1 }, async (job) => {
        await job.output(`store/${job.attempt}`);
        if (job.tries === 1) throw new TransientFailure('not yet');
        await job.finish(() => Promise.resolve(finished.push(job.attempt)));
      });
      for (const key of ['a', 'b']) {
        await jobs.request(request(kind, key));
        await ended(jobs, kind, key);
      }
      const removed: string[] = [];
      later.work(kind, { concurrency: 1, removeOutput: async (uri) => void removed.push(uri) }, () =>
        Promise.resolve(),
      );
      await until('two outputs are removed', () => removed.length >= 2);
      expect(removed).toHaveLength(2);
      expect(removed.filter((uri) => finished.some((attempt) => uri === `store/${attempt}`))).toEqual([]);
    });

    it('refuses an event that no bus can take where it is published', async () => {
      const refused = instance().transaction((transaction) =>
        transaction.publish(text, [{ key: '', source: 'test', event: 'keyless' }]),
      );
      await expect(refused).rejects.toThrow('its key must be 1 to 256 bytes');
    });

    it('tells an attempt that its job was cancelled, and lets it record nothing', async () => {
      const kind = sums();
      const [jobs, other] = [instance(), instance()];
      const outcome = Promise.withResolvers<unknown>();
      const begun = Promise.withResolvers<void>();
      jobs.work(kind, { concurrency: 1 }, async (job) => {
        begun.resolve();
        await aborted(job.signal);
        outcome.resolve(
          await job.finish(() => Promise.reject(new Error('it recorded'))).catch((error: unknown) => error),
        );
      });
      await jobs.request(request(kind, 'k'));
      await begun.promise;
      expect(await other.cancel(kind, 'k', 'the user left')).toBe(true);
      const error = await outcome.promise;
      expect(error).toBeInstanceOf(JobCancelled);
      expect((error as Error).message).toBe('the user left');
      expect(await other.get(kind, 'k')).toMatchObject({ state: 'cancelled', reason: 'the user left' });
      expect(await other.cancel(kind, 'k', 'again')).toBe(false);
    });

    it('cancels one that waits', async () => {
      const kind = sums();
      const jobs = instance();
      await jobs.request(request(kind, 'k'));
      expect((await jobs.live(kind)).map(({ key }) => key)).toEqual(['k']);
      expect(await jobs.cancel(kind, 'k', 'no need')).toBe(true);
      expect(await jobs.live(kind)).toEqual([]);
    });

    it('gives a job back at once when its worker stops, as if it had not been tried', async () => {
      const kind = sums();
      const [first, second] = [instance(), instance()];
      const reasons: unknown[] = [];
      const begun = Promise.withResolvers<void>();
      const worker = first.work(kind, { concurrency: 1 }, async ({ signal }) => {
        begun.resolve();
        await aborted(signal);
        reasons.push(signal.reason);
        throw new Error('interrupted');
      });
      await first.request(request(kind, 'k'));
      await begun.promise;
      await worker.stop();
      expect(reasons).toEqual([expect.any(WorkerStopping)]);
      expect(await first.get(kind, 'k')).toMatchObject({ state: 'waiting', tries: 0 });
      second.work(kind, { concurrency: 1 }, () => Promise.resolve());
      expect(await ended(second, kind, 'k')).toMatchObject({ state: 'succeeded', tries: 1 });
    });

    it('holds a job for as long as it takes, and tells how far it is', async () => {
      const kind = sums();
      const jobs = instance();
      const others = instance();
      let elsewhere = 0;
      const release = Promise.withResolvers<void>();
      jobs.work(kind, { concurrency: 1 }, async (job) => {
        job.report({ step: 'add', done: 1, total: 2, metrics: { sum: 1 } });
        await release.promise;
        job.report({ step: 'say', done: 2, total: 2 });
      });
      await jobs.request(request(kind, 'k'));
      const steps: unknown[] = [];
      const watching = (async () => {
        for await (const job of others.watch(kind, 'k', AbortSignal.timeout(20_000)))
          if (job.progress !== undefined) steps.push([job.progress.step, job.progress.done, job.progress.metrics]);
      })();
      await until('progress was told', () => steps.length > 0);
      others.work(kind, { concurrency: 1 }, () => {
        elsewhere += 1;
        return Promise.resolve();
      });
      // Three leases, by the database's clock as any other's would run out in it.
      await new Promise((resolve) => setTimeout(resolve, 3 * subject.leaseMs));
      expect(elsewhere).toBe(0);
      release.resolve();
      await watching;
      expect(steps[0]).toEqual(['add', 1, { sum: 1 }]);
      expect(steps.at(-1)).toEqual(['say', 2, { sum: 1 }]);
    });
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !holds();) {
    if (Date.now() > end) throw new Error(`waited 20 s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
