import { describe, expect, it } from 'vitest';
import { WaitingRuns } from './waiting-runs.ts';

describe('WaitingRuns', () => {
  it('lets nobody wait where no whole run was seen', () => {
    const waiting = new WaitingRuns();
    for (let call = 0; call < 100; call += 1) waiting.enter(1 / 128);
    waiting.took(1 / 128, 40);
    expect([waiting.runMs, waiting.waitMs(1, true)]).toEqual([0, 0]);
  });

  it('is what waits times what a whole run takes', () => {
    const waiting = new WaitingRuns();
    // 30 ms for one and a half, 50 for two and a half: 20 ms each.
    waiting.took(1.5, 30);
    waiting.took(2.5, 50);
    const [large, small] = [waiting.enter(10), waiting.enter(0.25)];
    expect([waiting.runMs, waiting.waitMs(0.25, false)]).toEqual([20, 205]);
    // In turn one run of the large one comes before a small call, and four before one of four.
    expect([waiting.waitMs(0.25, true), waiting.waitMs(4, true)]).toEqual([25, 85]);
    large.ran(9.5);
    expect(waiting.waitMs(4, true)).toBe(15);
    large.ran(1);
    small.leave();
    expect(waiting.waitMs(4, true)).toBe(0);
  });

  it('forgets what runs took long ago', () => {
    const waiting = new WaitingRuns();
    waiting.took(1, 8000);
    for (let run = 0; run < 100; run += 1) waiting.took(1, 100);
    expect(waiting.runMs).toBeGreaterThan(99);
    expect(waiting.runMs).toBeLessThan(102);
  });
});
