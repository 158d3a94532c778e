import { describe, expect, it } from 'vitest';
import { ModelStatistics } from '../open-inference/model-statistics.ts';
import { KnownStatistics } from './known-statistics.ts';

/** Counters after so many requests of one row. */
function counted(requests: number): ModelStatistics {
  const statistics = new ModelStatistics();
  for (let at = 0; at < requests; at += 1) statistics.answered('ctr', 1, 1, { inputNs: 2, inferNs: 3 }, 7);
  return statistics;
}

describe('KnownStatistics', () => {
  it('has what a process said last, and keeps it once that has ended', () => {
    const known = new KnownStatistics();
    const [one, other] = [{}, {}];
    expect([known.lastOf(one), known.ofGone()]).toEqual([undefined, []]);
    known.answered(one, counted(3).entries());
    known.answered(one, counted(4).entries());
    known.answered(other, counted(2).entries());
    expect(known.lastOf(one)).toEqual(counted(4).entries());
    known.ended(one);
    known.ended(other);
    expect([known.lastOf(one), known.ofGone()]).toEqual([undefined, counted(6).entries()]);
    known.ended({});
    expect(known.ofGone()).toEqual(counted(6).entries());
  });
});
