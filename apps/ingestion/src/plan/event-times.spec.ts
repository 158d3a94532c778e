import { describe, expect, it } from 'vitest';
import { areDays, whyNoEvents } from './event-times.ts';
import { timeProbabilities } from './plan-split.ts';

/** Times that lie evenly between two, at the probabilities that are asked. */
const between = (from: string, to: string): readonly number[] =>
  timeProbabilities.map((share) => Date.parse(from) + share * (Date.parse(to) - Date.parse(from)));

describe('times', () => {
  it.each([
    ['2024-01-01', '2026-01-01', undefined],
    ['2004-01-01', '2020-01-01', undefined],
    ['1946-01-01', '2006-01-01', 'its times lie over more than 20 years, 1946 to 2005'],
    ['1988-01-01', '1999-01-01', 'its times begin before 1995, 1988 to 1998'],
  ])('from %s to %s: %s', (from, to, why) => {
    expect(whyNoEvents(between(from, to))).toBe(why);
  });

  it('are not told by a few that lie far off', () => {
    const times = between('2026-01-01', '2026-02-01');
    expect(whyNoEvents([Date.UTC(1970), ...times.slice(1, -1), Date.UTC(9999)])).toBeUndefined();
    expect(whyNoEvents([])).toBeUndefined();
  });

  it('are days where none has a time of day', () => {
    expect(areDays([Date.UTC(2026, 0, 1), Date.UTC(2026, 5, 7)])).toBe(true);
    expect(areDays([Date.UTC(2026, 0, 1), Date.UTC(2026, 5, 7, 12)])).toBe(false);
    expect(areDays([])).toBe(false);
  });
});
