import { describe, expect, it } from 'vitest';
import { timesApart } from './compare-times.ts';

const year = (first: number, last = first): readonly [number, number] => [Date.UTC(first, 5), Date.UTC(last, 6)];

describe('timesApart', () => {
  it.each<[what: string, before: readonly [number, number], now: readonly [number, number]]>([
    ['next month', year(2026), [Date.UTC(2026, 6), Date.UTC(2026, 7)]],
    ['an earlier year', year(2026), year(2010)],
    ['one stray time', year(2026, 9999), year(2027)],
  ])('says nothing of %s', (_, before, now) => {
    expect(timesApart(before, now)).toBeUndefined();
  });

  it('names seconds that were taken for milliseconds', () => {
    const seconds = [Date.UTC(2026, 5) / 1000, Date.UTC(2026, 6) / 1000] as const;
    expect(timesApart(year(2025, 2026), seconds)).toMatch(
      /^events are of 1970, those of the span before of 2025 to 2026: /,
    );
  });

  it('names times of the far future', () => {
    expect(timesApart(year(2026), year(2126))).toMatch(/^events are of 2126/);
  });
});
