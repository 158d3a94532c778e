import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transaction } from '@adstocrat/jobs';
import { DeploymentConflict, type Metadata, VersionConflict } from './lib/metadata.ts';
import { PackGone } from './lib/images.ts';
import type {
  DeploymentRecord,
  ExecutionRecord,
  StudyRecord,
  TuningTrialRecord,
  VersionRecord,
} from './lib/records.ts';
import { upstreamOf } from './lib/upstream-of.ts';

/** An adapter under test on an empty database. */
export interface MetadataUnderTest {
  readonly metadata: Metadata;
  /** A second connection to the same database, as another service has. */
  another(): Metadata;
  /** A transaction of that database, as a job's end is. */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What every {@link Metadata} keeps. */
export function metadataContract(name: string, open: () => Promise<MetadataUnderTest>): void {
  describe(`${name} as metadata`, () => {
    let subject: MetadataUnderTest;
    let metadata: Metadata;
    beforeAll(async () => {
      subject = await open();
      metadata = subject.metadata;
      // Three services that start at once.
      await Promise.all([metadata.migrate(), subject.another().migrate(), metadata.migrate()]);
    });
    afterAll(() => subject.close());

    it('gives one span number to each input, without gaps, whoever asks at once', async () => {
      const digests = Array.from({ length: 12 }, (_, index) => `digest-${index % 6}`);
      const other = subject.another();
      const numbers = await Promise.all(
        digests.map((digest, index) => (index % 2 === 0 ? metadata : other).reserveSpan('t', digest)),
      );
      expect(numbers.slice(0, 6)).toEqual(numbers.slice(6));
      expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
      expect(await metadata.reserveSpan('another task', 'digest-3')).toBe(1);
    });

    it('has one id of its own, whoever asks', async () => {
      const ids = await Promise.all([metadata, subject.another()].map((one) => one.installation()));
      expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
      expect(ids[1]).toBe(ids[0]);
    });

    it('gives one version to each run, increasing by model', async () => {
      expect(await metadata.reserveVersion('m', 'run a')).toBe(1);
      expect(await metadata.reserveVersion('m', 'run b')).toBe(2);
      expect(await metadata.reserveVersion('m', 'run a')).toBe(1);
    });

    it('lets one of two writers append a revision and refuses gaps', async () => {
      const other = subject.another();
      await metadata.appendDeployment(deployment(1));
      const outcomes = await Promise.allSettled([
        metadata.appendDeployment(deployment(2)),
        other.appendDeployment(deployment(2)),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expect(metadata.appendDeployment(deployment(4))).rejects.toThrow(DeploymentConflict);
      expect((await metadata.currentDeployment('m'))?.revision).toBe(2);
      expect((await metadata.currentDeployments()).map(({ model }) => model)).toEqual(['m']);
    });

    it('replaces a task of the same name', async () => {
      const task = { name: 't', yaml: 'a', resolvedYaml: 'b', dataUri: 'file:///d', updatedAtMs: 1 };
      await metadata.putTask(task);
      await metadata.putTask({ ...task, yaml: 'changed' });
      expect(await metadata.getTask('t')).toEqual({ ...task, yaml: 'changed' });
      expect(await metadata.listTasks()).toHaveLength(1);
      expect(await metadata.getTask('absent')).toBeUndefined();
    });

    it('changes a version only from the state that was thought', async () => {
      const other = subject.another();
      expect(await metadata.addVersion(version('evaluating'))).toEqual(version('evaluating'));
      expect(await other.addVersion(version('blessed'))).toEqual(version('evaluating'));
      const outcomes = await Promise.allSettled([
        metadata.updateVersion('m', 1, 'evaluating', { state: 'blessed', blessed: true }),
        other.updateVersion('m', 1, 'evaluating', { state: 'not_blessed', reasons: ['worse'] }),
      ]);
      const [won, ...no] = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(no).toEqual([]);
      expect((won as PromiseFulfilledResult<VersionRecord>).value).toEqual(await metadata.getVersion('m', 1));
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: expect.any(VersionConflict),
      });
      await expect(metadata.updateVersion('m', 2, 'evaluating', {})).rejects.toThrow(VersionConflict);
      expect(await metadata.listVersions('m')).toHaveLength(1);
    });

    it('finds versions by state, the newest ones, and the stable one before', async () => {
      for (const [number, state] of (['deployed', 'waiting', 'blessed', 'waiting'] as const).entries())
        await metadata.addVersion({ ...version(state), model: 'states', version: number + 1 });
      const numbers = (versions: readonly VersionRecord[]): readonly number[] => versions.map((one) => one.version);
      expect(numbers(await metadata.versionsIn('states', ['waiting', 'blessed'], 2))).toEqual([2, 3]);
      expect(numbers(await metadata.versionsIn('states', ['canary'], 2))).toEqual([]);
      expect(numbers(await metadata.listVersions('states', 3))).toEqual([2, 3, 4]);
      for (const [index, stable] of [1, 3, 2].entries())
        await metadata.appendDeployment({ ...deployment(index + 1), model: 'states', labels: { stable } });
      expect(await metadata.stableBefore('states', 3)).toBe(2);
      expect(await metadata.stableBefore('states', 1)).toBeUndefined();
    });

    it('lets one transaction of a model go on at a time, each seeing what those before it wrote', async () => {
      await metadata.addVersion({ ...version('waiting'), model: 'locked' });
      const increments = Array.from({ length: 8 }, () =>
        subject.transaction(async (transaction) => {
          await metadata.lockModel('locked', transaction);
          const reasons = (await metadata.getVersion('locked', 1, transaction))?.reasons ?? [];
          await metadata.updateVersion('locked', 1, 'waiting', { reasons: [...reasons, 'one more'] }, transaction);
        }),
      );
      await Promise.all(increments);
      expect((await metadata.getVersion('locked', 1))?.reasons).toHaveLength(8);
    });

    it('writes all of a transaction or nothing', async () => {
      const write = async (transaction: Transaction): Promise<number> => {
        const number = await metadata.reserveVersion('whole', 'run', transaction);
        await metadata.addVersion({ ...version('evaluating'), model: 'whole', version: number }, transaction);
        await metadata.updateVersion('whole', number, 'evaluating', { state: 'blessed' }, transaction);
        await metadata.appendDeployment({ ...deployment(1), model: 'whole' }, transaction);
        return number;
      };
      const broken = subject.transaction(async (transaction) => {
        await write(transaction);
        throw new Error('not this time');
      });
      await expect(broken).rejects.toThrow('not this time');
      expect(await metadata.listVersions('whole')).toEqual([]);
      expect(await metadata.currentDeployment('whole')).toBeUndefined();
      expect(await subject.transaction(write)).toBe(1);
      expect((await metadata.getVersion('whole', 1))?.state).toBe('blessed');
      expect((await metadata.currentDeployment('whole'))?.revision).toBe(1);
    });

    it('keeps studies with their trials, one decision of a study at a time, until they are removed', async () => {
      const other = subject.another();
      const how = { taskYaml: '', sampler: 'tpe', epochs: 9, seed: 1, trials: 2, madeAtMs: 1 };
      const asked = { ...how, task: 'studied', spans: [1], digests: ['d'] };
      const study = (id: string, askedAtMs: number): StudyRecord => ({ ...asked, id, askedAtMs });
      for (const one of [study('late', 20), study('early', 10)]) await metadata.putStudy(one);
      await metadata.putStudy({ ...study('early', 10), trials: 8 });
      expect(await other.listStudies('studied')).toEqual([{ ...study('early', 10), trials: 8 }, study('late', 20)]);
      expect(await other.getStudy('late')).toEqual(study('late', 20));
      const numbered = Array.from({ length: 8 }, () =>
        subject.transaction(async (transaction) => {
          await metadata.lockStudy('early', transaction);
          const trial = (await metadata.listTuningTrials('early', transaction)).length + 1;
          await metadata.putTuningTrial(trialOf('early', trial), transaction);
        }),
      );
      await Promise.all(numbered);
      const ended = { ...trialOf('early', 3), state: 'finished' as const };
      await metadata.putTuningTrial(ended);
      const trials = await other.listTuningTrials('early');
      expect(trials.map(({ trial }) => trial)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(trials[2]).toEqual(ended);
      await metadata.removeStudy('early');
      expect([await other.getStudy('early'), await other.listTuningTrials('early')]).toEqual([undefined, []]);
      expect(await other.listStudies('studied')).toHaveLength(1);
    });

    it('tells what an artifact comes from, step by step', async () => {
      const step = (id: string, inputs: readonly string[], outputs: readonly string[]): ExecutionRecord => ({
        id,
        kind: 'train',
        inputs,
        outputs,
        facts: {},
        startedAtMs: 1,
        endedAtMs: 2,
      });
      await metadata.putExecution(step('ingest/1', ['a.csv'], ['spans/1']));
      await metadata.putExecution(step('ingest/2', ['a.csv', 'b.csv'], ['spans/2']));
      await metadata.putExecution(step('train', ['spans/1', 'spans/2'], ['models/1']));
      await metadata.putExecution(step('deploy', ['models/1'], []));
      const ids = async (uri: string): Promise<readonly string[]> =>
        (await upstreamOf(metadata, uri)).map(({ id }) => id);
      expect(await ids('models/1')).toEqual(['train', 'ingest/1', 'ingest/2']);
      expect(await ids('spans/2')).toEqual(['ingest/2']);
      expect(await ids('a.csv')).toEqual([]);
    });

    it('keeps spans by number and finds them by what went in', async () => {
      const span = {
        task: 't',
        span: 2,
        kind: 'batch' as const,
        uri: 'u',
        digest: 'd',
        inputDigest: 'in',
        trainRows: 1,
        validationRows: 2,
        testRows: 3,
        rejectedRows: 0,
        images: 0,
        rejectedImages: 0,
        anomalies: ['a "quoted" one'],
        notes: [],
        ready: true,
        createdAtMs: 5,
      };
      await metadata.putSpan(span);
      await metadata.putSpan({ ...span, span: 1, inputDigest: 'earlier' });
      expect(await metadata.findSpan('t', 'in')).toEqual(span);
      expect((await metadata.listSpans('t')).map((one) => one.span)).toEqual([1, 2]);
      expect(await metadata.removeSpan({ ...span, uri: 'elsewhere' })).toBe(false);
      expect(await Promise.all([metadata.removeSpan(span), metadata.removeSpan(span)])).toContain(true);
      expect(await metadata.removeSpan(span)).toBe(false);
      expect((await metadata.listSpans('t')).map((one) => one.span)).toEqual([1]);
      expect(await metadata.findSpan('t', 'in')).toBeUndefined();
    });

    it('keeps each image in one pack, the one that was said first, until it is taken from that', async () => {
      const { images } = metadata;
      const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [string, string, string];
      const first = await images.beginPack(30);
      await images.place(first, [
        { sha256: b, offset: 0, bytes: 10 },
        { sha256: a, offset: 10, bytes: 20 },
      ]);
      // Two that have the same images at once: neither waits for ever, and one of the two places stands.
      const [second, third] = [await images.beginPack(15), await images.beginPack(15)];
      const both = [a, b, c].map((sha256, index) => ({ sha256, offset: 5 * index, bytes: 5 }));
      await Promise.all([images.place(second, both), subject.another().images.place(third, both.toReversed())]);
      const places = await images.find([a, b, c, 'd'.repeat(64)]);
      expect([...places.keys()].sort()).toEqual([a, b, c]);
      expect([places.get(a), places.get(b)]).toEqual([
        { pack: first, offset: 10, bytes: 20 },
        { pack: first, offset: 0, bytes: 10 },
      ]);
      expect([second, third]).toContain(places.get(c)?.pack);
      const listed = await Array.fromAsync(images.list(Date.now() + 60_000));
      expect(listed.map(({ sha256, pack, bytes }) => [sha256, pack, bytes])).toEqual([
        [a, first, 20],
        [b, first, 10],
        [c, places.get(c)?.pack, 5],
      ]);
      expect(await Array.fromAsync(images.list(Date.now() - 60_000))).toEqual([]);
      await images.remove([
        { sha256: a, pack: second },
        { sha256: b, pack: first },
      ]);
      expect([...(await images.find([a, b, c])).keys()].sort()).toEqual([a, c]);
      expect(await images.imagesIn(first)).toEqual([{ sha256: a, offset: 10, bytes: 20 }]);
    });

    it('moves what still lies where it was seen, out of packs that are little used', async () => {
      const { images } = metadata;
      const digests = ['1', '2', '3'].map((digit) => digit.repeat(64));
      const [from, to] = [await images.beginPack(1000), await images.beginPack(700)];
      const seen = digests.map((sha256, index) => ({ sha256, offset: 200 * index, bytes: 200 }));
      await images.place(from, seen);
      const isSparse = async (belowBytes: number) =>
        (await images.sparsePacks(belowBytes)).filter(({ pack }) => pack === from);
      expect(await isSparse(601)).toEqual([{ pack: from, bytes: 1000, used: 600 }]);
      expect(await isSparse(600)).toEqual([]);
      await images.remove([{ sha256: digests[0]!, pack: from }]);
      expect(await isSparse(1)).toEqual([{ pack: from, bytes: 1000, used: 400 }]);
      await images.move(
        from,
        to,
        seen.map((image) => ({ ...image, offset: image.offset + 7 })),
      );
      await images.move(from, to, seen);
      expect(await images.find(digests)).toEqual(
        new Map(
          digests.slice(1).map((sha256, index) => [sha256, { pack: to, offset: 200 * (index + 1) + 7, bytes: 200 }]),
        ),
      );
    });

    it('places nothing in a pack that was condemned, nor condemns one that anything lies in', async () => {
      const { images } = metadata;
      const [empty, full, racing] = await Promise.all([1, 2, 3].map(() => images.beginPack(1)));
      const image = (digit: string) => ({ sha256: digit.repeat(64), offset: 0, bytes: 1 });
      await images.place(full!, [image('e')]);
      const [placed, condemned] = await Promise.all([
        subject
          .another()
          .images.place(racing!, [image('f')])
          .then(
            () => true,
            () => false,
          ),
        images.condemnPacks(),
      ]);
      // Which of the two came first is open; that they agree is not.
      expect(condemned.includes(racing!)).toBe(!placed);
      expect((await images.find([image('f').sha256])).has(image('f').sha256)).toBe(placed);
      expect(condemned).toContain(empty);
      expect(condemned).not.toContain(full);
      await expect(images.place(empty!, [image('9')])).rejects.toThrow(PackGone);
      await expect(images.move(full!, empty!, [image('e')])).rejects.toThrow(PackGone);
      expect(await images.condemnPacks()).toContain(empty);
      await images.forgetPacks([empty!, full!], Date.now() - 60_000);
      expect(await images.condemnPacks()).toContain(empty);
      await images.forgetPacks([empty!, full!], Date.now() + 60_000);
      expect(await images.condemnPacks()).not.toContain(empty);
      expect(await images.imagesIn(full!)).toEqual([image('e')]);
    });
  });
}

function deployment(revision: number): DeploymentRecord {
  return {
    model: 'm',
    revision,
    versions: [],
    labels: { stable: revision },
    split: [],
    reason: 'test',
    changedAtMs: revision,
  };
}

function version(state: VersionRecord['state']): VersionRecord {
  return {
    model: 'm',
    version: 1,
    uri: 'u',
    digest: 'd',
    runId: 'r',
    spans: [1],
    state,
    blessed: false,
    reasons: [],
    updatedAtMs: 1,
  };
}

function trialOf(study: string, trial: number): TuningTrialRecord {
  return {
    study,
    trial,
    attempt: 1,
    state: 'running',
    from: 'sampler',
    point: { units: 8, model: 'pairs' },
    rungs: [],
  };
}
