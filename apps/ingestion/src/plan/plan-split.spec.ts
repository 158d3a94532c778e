import { describe, expect, it } from 'vitest';
import { Task } from '@adstocrat/tasks';
import { planSplit, timeProbabilities } from './plan-split.ts';

const task = (more: object = {}) => Task.parse({ name: 't', data: { examples: ['*'] }, label: 'y', ...more });
const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);

/** Nearest-rank quantiles, as the engine gives them. */
function quantiles(times: readonly number[]): readonly number[] {
  const sorted = times.toSorted((a, b) => a - b);
  return timeProbabilities.map((p) => sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? NaN);
}

/** Rows in each split. */
function sizes(times: readonly number[], plan: ReturnType<typeof planSplit>): readonly number[] {
  const { rule } = plan;
  if (rule.by !== 'time') return [];
  const test = times.filter((time) => time > rule.testAfterMs).length;
  const held = times.filter((time) => time > rule.validationAfterMs).length;
  return [times.length - held, held - test, test];
}

const steady = Array.from({ length: 1000 }, (_, row) => start + row * 3_600_000);

describe('planSplit', () => {
  it('gives the newest fifth of the rows to test and the tenth before it to validation', () => {
    expect(sizes(steady, planSplit(task({ eventTime: 'at' }), quantiles(steady)))).toEqual([700, 100, 200]);
  });

  it.each<[why: string, odd: number[]]>([
    ['a row of the year 9999', [Date.UTC(9999, 0, 1)]],
    ['a row of 1970', [0]],
    ['a few of both', [0, 1, 2, Date.UTC(2300, 0, 1), Date.UTC(9999, 0, 1)]],
  ])('is not moved by %s', (_why, odd) => {
    const times = [...steady, ...odd];
    const plan = planSplit(task({ eventTime: 'at' }), quantiles(times));
    const [train = 0, validation = 0, test = 0] = sizes(times, plan);
    expect(Math.abs(train - 700) + Math.abs(validation - 100) + Math.abs(test - 200)).toBeLessThanOrEqual(
      2 * odd.length,
    );
    expect(plan.findings).toEqual([expect.stringMatching(/^at: some times lie far from all others, for example /)]);
    const last = steady.at(-1) ?? 0;
    expect(plan.timeRangeMs?.[0]).toBeGreaterThanOrEqual(start);
    expect(plan.timeRangeMs?.[1]).toBeLessThanOrEqual(last);
    const week = planSplit(
      task({ eventTime: 'at', split: { by: 'time', test: '7d', validation: '3d' } }),
      quantiles(times),
    );
    // Seven days of hourly rows, and no more than the hundredth of all rows that lies above the quantile.
    expect(Math.abs((sizes(times, week)[2] ?? 0) - 168)).toBeLessThanOrEqual(10 + odd.length);
  });

  it('is not moved by a gap of months', () => {
    const times = steady.map((time, row) => (row < 100 ? time - 200 * dayMs : time));
    expect(sizes(times, planSplit(task({ eventTime: 'at' }), quantiles(times)))).toEqual([700, 100, 200]);
  });

  it('goes by a hash where too many events share one time, and says so', () => {
    const times = Array.from({ length: 1000 }, (_, row) => (row < 300 ? start : start + dayMs));
    const plan = planSplit(task({ eventTime: 'at', unit: 'user' }), quantiles(times));
    expect(plan.rule).toEqual({ by: 'hash', column: 'user', test: 0.2, validation: 0.1 });
    expect(plan.notes).toEqual([expect.stringMatching(/^split: a hash of "user".*too many events share one time/)]);
  });

  it('refuses what leaves nothing to train on', () => {
    const long = { by: 'time', test: '30d', validation: '20d' };
    expect(() => planSplit(task({ eventTime: 'at', split: long }), quantiles(steady))).toThrow(
      'split: 30d of test and 20d of validation leave no rows to train on: the events span 41.6 days, from 2026-01-01 to 2026-02-11T15:00:00Z',
    );
    expect(() => task({ split: { by: 'hash', test: '60%', validation: '60%' } })).toThrow(
      /must leave rows to train on/,
    );
    expect(() => planSplit(task({ split: { by: 'time', test: '1d', validation: '1d' } }), [])).toThrow(
      'needs an eventTime',
    );
  });
});
