import { describe, expect, it } from 'vitest';
import type { SpanRecord } from '@adstocrat/metadata';
import { planClean } from './plan-clean.ts';

const day = 86_400_000;
/** Span `number`, made so many days ago. */
const span = (number: number, daysAgo: number, bytes = 100) => ({
  record: { task: 't', span: number, createdAtMs: 1000 * day - daysAgo * day } as SpanRecord,
  bytes,
});
const spans = [span(1, 90), span(2, 60), span(3, 31), span(4, 30), span(5, 1), span(6, 0)];
const keeping = { spans: 2, days: 30, bytes: Infinity };
const plan = (change: Partial<typeof keeping> = {}, needed: Readonly<Record<number, string>> = {}, of = spans) => {
  const by = new Map(Object.entries(needed).map(([number, why]) => [Number(number), why]));
  const { going, staying } = planClean(of, by, { ...keeping, ...change }, 1000 * day);
  const numbers = (list: typeof going): readonly number[] => list.map(({ record }) => record.span);
  return [numbers(going), numbers(staying)];
};

describe('planClean', () => {
  it.each<[string, Partial<typeof keeping>, Readonly<Record<number, string>>, number[], number[]]>([
    ['what is older than is kept', {}, {}, [1, 2, 3], []],
    ['nothing that is needed', {}, { 2: 'version 1' }, [1, 3], [2]],
    ['none of the newest, however old', { spans: 4, days: 0 }, {}, [1, 2], []],
    ['nothing where as many are kept as there are', { spans: 6, days: 0 }, {}, [], []],
    // 600 bytes in all: three go until 300 are left.
    ['the oldest of what is too large', { days: 1000, bytes: 300 }, {}, [1, 2, 3], []],
    // What stays counts: one more goes in its place.
    ['the oldest that is not needed of what is too large', { days: 1000, bytes: 300 }, { 1: 'x' }, [2, 3, 4], [1]],
    ['no more than it takes', { days: 1000, bytes: 599 }, {}, [1], []],
    ['nothing of what is just as large', { days: 1000, bytes: 600 }, {}, [], []],
  ])('lets go %s', (_, change, needed, going, staying) => {
    expect(plan(change, needed)).toEqual([going, staying]);
    expect(plan(change, needed, spans.toReversed())).toEqual([going, staying]);
  });

  it('says why', () => {
    const { going } = planClean([span(1, 31), span(2, 0)], new Map(), { spans: 1, days: 30, bytes: 1 }, 1000 * day);
    expect(going.map(({ why }) => why)).toEqual(['made 31 days ago, more than 30']);
    const large = planClean([span(1, 3), span(2, 0)], new Map(), { spans: 1, days: 30, bytes: 1 }, 1000 * day);
    expect(large.going.map(({ why }) => why)).toEqual(["the task's spans have 200 bytes, more than 1"]);
  });
});
