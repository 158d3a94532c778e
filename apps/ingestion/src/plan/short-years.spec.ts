import { describe, expect, it } from 'vitest';
import { columnFacts } from '../testing/facts.ts';
import { timeProbabilities } from './plan-split.ts';
import { mayBeYearFirst, whyDoubtful } from './short-years.ts';

const [day, from] = [86_400_000, Date.UTC(2024, 0, 1)];
/** The days that are so many after the 1st of January 2024, at the probabilities that are asked. */
const daysUntil = (last: number): readonly number[] =>
  timeProbabilities.map((share) => from + Math.floor(share * last) * day);
/** Days that are written as yy.mm.dd, of the 3rd to the 16th of November 2025, read as dd.mm.yy. */
const yearFirst = timeProbabilities.map((share) => Date.UTC(2003 + Math.floor(share * 13), 10, 25));

describe('dates with years of two digits', () => {
  const versions = columnFacts('version', { 'dd.mm.yy': 1000 }, { distinct: 40, examples: { 'dd.mm.yy': '10.04.22' } });
  const reading = { format: 'dd.mm.yy', times: 1000 } as const;

  it.each([
    ['few days', { ...versions, distinct: 23 }, 30, false],
    ['many days, close together', versions, 399, true],
    ['many days, far apart', versions, 500, false],
    ['a time of day', { ...versions, distinct: 5, examples: { 'dd.mm.yy': '10.04.22 9:05' } }, 500, true],
    ['a name that says so', { ...versions, name: 'Datum', distinct: 5 }, 500, true],
    ['a name of a share a day', { ...versions, name: 'sales_per_day', distinct: 5 }, 500, false],
    [
      'years of four digits, most of them',
      columnFacts('version', { 'dd.mm.yy': 400, 'dd.mm.yyyy': 600 }, { distinct: 5 }),
      500,
      true,
    ],
  ])('with %s', (_what, facts, last, areTimes) => {
    expect(whyDoubtful(facts, reading, daysUntil(last))).toEqual(
      areTimes ? undefined : 'days without a time of day may be versions, sizes or numbers of parts',
    );
  });

  it('are left out where the year may stand first, whatever the name or a time of day says', () => {
    const facts = { ...versions, name: 'order_date', examples: { 'dd.mm.yy': '25.11.03 10:00' } };
    expect(whyDoubtful(facts, reading, yearFirst)).toMatch(/a year of two digits that stands first is not read/);
    expect(whyDoubtful(facts, { ...reading, format: 'dd.mm.yyyy' }, yearFirst)).toBeUndefined();
    expect(
      [daysUntil(2), daysUntil(800), [], yearFirst.map((time, at) => time - (at % 2) * 3_600_000)].map(mayBeYearFirst),
    ).toEqual([false, false, false, true]);
  });
});
