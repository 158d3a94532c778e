import { describe, expect, it } from 'vitest';
import { WaitingRuns } from './waiting-runs.ts';

const large = 100_000;

describe('WaitingRuns', () => {
  it('lets nobody wait where no run of many elements was seen', () => {
    const waiting = new WaitingRuns();
    for (let call = 0; call < 100; call += 1) waiting.enter({ elements: 8, runs: 1 });
    waiting.took(8, 40);
    expect([waiting.msOf(large), waiting.waitMs(1, true), waiting.waitMs(9, false)]).toEqual([0, 0, 0]);
  });

  it('is what waits times what it takes', () => {
    const waiting = new WaitingRuns();
    // 30 ms for one and a half, 50 for two and a half: 20 ms for each 100,000.
    waiting.took(1.5 * large, 30);
    waiting.took(2.5 * large, 50);
    const many = waiting.enter({ elements: 10 * large, runs: 10 });
    const few = waiting.enter({ elements: large / 4, runs: 1 });
    expect([waiting.msOf(large), waiting.waitMs(1, false)]).toEqual([20, 205]);
    // In turn one run of the large one comes before a small call, and four before one of four.
    expect([waiting.waitMs(1, true), waiting.waitMs(4, true)]).toEqual([25, 85]);
    for (let run = 0; run < 9; run += 1) many.ran();
    expect([waiting.waitMs(1, true), waiting.waitMs(4, true)]).toEqual([25, 25]);
    many.ran();
    expect(waiting.waitMs(4, true)).toBe(5);
    few.leave();
    many.leave();
    expect([waiting.waitMs(4, true), waiting.waitMs(1, false)]).toEqual([0, 0]);
  });

  it('takes little of what has few elements, however long others were', () => {
    const waiting = new WaitingRuns();
    // 128 rows of 32,768 elements in 3.6 s; then forty calls of 16 elements.
    waiting.took(128 * 32_768, 3600);
    for (let call = 0; call < 40; call += 1) waiting.enter({ elements: 16, runs: 1 });
    expect(waiting.waitMs(1, true)).toBeLessThan(1);
  });

  it.each([
    ['of as many elements', large, 100],
    ['of few', 100, 1],
  ])('thinks no more of a run that was held up once, after some runs %s', (_what, elements, ms) => {
    const waiting = new WaitingRuns();
    waiting.took(large, 60_000);
    for (let run = 0; run < 1100; run += 1) waiting.took(elements, ms);
    const paceOfThese = (ms / elements) * large;
    expect(waiting.msOf(large)).toBeGreaterThan(0.99 * paceOfThese);
    expect(waiting.msOf(large)).toBeLessThan(1.5 * paceOfThese);
  });

  it('counts nothing that is empty', () => {
    const waiting = new WaitingRuns();
    waiting.took(large, 100);
    for (let run = 0; run < 100; run += 1) waiting.took(0, 0);
    waiting.enter({ elements: 0, runs: 1 });
    expect([waiting.msOf(large), waiting.waitMs(1, false)]).toEqual([100, 0]);
  });
});
