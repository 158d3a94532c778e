import { describe, expect, it } from 'vitest';
import { parseTime } from './parse-time.ts';

describe('parseTime', () => {
  it.each([
    '2026-02-03T04:05:06.789Z',
    '2026-02-03T04:05:06+05:30',
    '2026-02-03T04:05:06-08:00',
    '2026-12-31',
    '2024-02-29T23:59:59.999Z',
    '2026-02-03T04:05:06Z',
  ])('agrees with Date.parse on %s', (text) => {
    expect(parseTime(text)).toBe(Date.parse(text));
  });
  it('takes a time without a zone as UTC and a bare hour of a zone', () => {
    expect(parseTime('2019-11-24 00:00:17.004101+00:00')).toBe(Date.UTC(2019, 10, 24, 0, 0, 17, 4));
    expect(parseTime('2026-01-01 00:00:00')).toBe(Date.UTC(2026, 0, 1));
    expect(parseTime('2026-01-01 00:00:00+02')).toBe(Date.UTC(2025, 11, 31, 22));
  });
  it.each([
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '2026-01-01 24:00',
    '2026-01-01T00:60:00Z',
    '',
    '20260101',
    '2026-01-01T00:00:60Z',
    '2026-1x-01T00:00:00Z',
    '2026-01-01T00:00:00.x00Z',
    '2026-01-01x00:00:00',
    '2023-02-29T00:00:00Z',
  ])('is NaN for %s', (text) => {
    expect(parseTime(text)).toBeNaN();
  });
  it('reads the years before 100 as they are', () => {
    expect(parseTime('0001-01-01')).toBe(Date.parse('0001-01-01T00:00:00Z'));
  });
});
