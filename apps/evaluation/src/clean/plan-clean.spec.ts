import { describe, expect, it } from 'vitest';
import type { VersionRecord } from '@adstocrat/metadata';
import { planClean } from './plan-clean.ts';

const day = 86_400_000;
/** Version `number`, over for so many days. */
const version = (number: number, daysAgo: number, change: Partial<VersionRecord> = {}): VersionRecord =>
  ({
    model: 'm',
    version: number,
    state: 'superseded',
    updatedAtMs: 1000 * day - daysAgo * day,
    ...change,
  }) as VersionRecord;
const versions = [version(1, 90), version(2, 60), version(3, 31), version(4, 30), version(5, 90)];
const keeping = { versions: 1, days: 30, replayMs: 4 * day };

function plan(change: Partial<typeof keeping> = {}, needed: Readonly<Record<number, string>> = {}, of = versions) {
  const by = new Map(Object.entries(needed).map(([number, why]) => [Number(number), why]));
  const { going, staying } = planClean(of, by, { ...keeping, ...change }, 1000 * day);
  const numbers = (list: typeof going): readonly number[] => list.map(({ record }) => record.version);
  return [numbers(going), numbers(staying)];
}

describe('planClean', () => {
  it.each<[string, Partial<typeof keeping>, Readonly<Record<number, string>>, number[], number[]]>([
    ['what was over for longer than is kept, and is none of the newest', {}, {}, [1, 2, 3], []],
    ['nothing that is needed', {}, { 2: 'x' }, [1, 3], [2]],
    ['none of the newest, however old', { versions: 3 }, {}, [1, 2], []],
    ['nothing where as many are kept as there are', { versions: 5, days: 0 }, {}, [], []],
    ['the newest too, where none is kept', { versions: 0 }, {}, [1, 2, 3, 5], []],
    ['nothing whose predictions may be asked after', { days: 0, replayMs: 40 * day }, {}, [1, 2], [3, 4]],
    ['nothing while it is not known how long predictions are kept', { replayMs: Infinity }, {}, [], [1, 2, 3]],
  ])('lets go %s', (_, change, needed, going, staying) => {
    expect(plan(change, needed)).toEqual([going, staying]);
    expect(plan(change, needed, versions.toReversed())).toEqual([going, staying]);
  });

  it('counts a version whose files are gone among the newest, and does not remove it again', () => {
    const gone = version(5, 90, { removedAtMs: 1 });
    expect(plan({}, {}, [version(1, 90), version(2, 90, { removedAtMs: 1 }), version(4, 90), gone])).toEqual([
      [1, 4],
      [],
    ]);
  });

  it('says why', () => {
    const of = [version(1, 31, { state: 'not_blessed' }), version(2, 3)];
    const why = (change: Partial<typeof keeping>) =>
      planClean(of, new Map(), { ...keeping, versions: 0, ...change }, 1000 * day);
    expect(why({}).going.map((one) => one.why)).toEqual(['not blessed 31 days ago, more than 30']);
    // 4 days less 3.
    expect(why({ days: 0 }).staying.map((one) => one.why)).toEqual([
      'its predictions may be asked after for 24 hours more',
    ]);
  });
});
