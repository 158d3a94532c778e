import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Home } from './home.ts';
import { HomeClock } from './home-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-clock-'));
const start = Date.UTC(2026, 4, 1);
let home: Home;
let homes = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: start });
  home = new Home(join(folder, String((homes += 1))));
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('HomeClock', () => {
  it('shows the wall’s time, however often the system is started and killed', () => {
    for (let starts = 0; starts < 3; starts += 1) {
      const { clock } = HomeClock.open(home, 1);
      expect(clock.nowMs()).toBe(Date.now());
      vi.advanceTimersByTime(1500);
    }
  });

  it('goes on where it was when it ran fast, and waits for the wall to catch up', () => {
    const fast = HomeClock.open(home, 600);
    vi.advanceTimersByTime(10_000);
    expect(fast.clock.nowMs()).toBe(start + 6_000_000);
    fast.close();
    vi.advanceTimersByTime(60_000);
    // It stood still meanwhile, but for what a killed command's services may have read.
    const next = HomeClock.open(home, 1);
    expect(next.clock.nowMs()).toBe(start + 6_000_000 + 8000 * 600);
    next.close();
    vi.setSystemTime(start + 30 * 86_400_000);
    expect(HomeClock.open(home, 1).clock.nowMs()).toBe(Date.now());
  });

  it('is never earlier than what a killed system can have shown', () => {
    const killed = HomeClock.open(home, 600);
    vi.advanceTimersByTime(3000);
    // The last touch is up to a second old, and services outlive the command by some seconds.
    utimesSync(home.path('clock.json'), (start + 2000) / 1000, (start + 2000) / 1000);
    vi.advanceTimersByTime(4000);
    const shown = killed.clock.nowMs();
    expect(HomeClock.open(home, 600).clock.nowMs()).toBeGreaterThanOrEqual(shown);
  });

  it('goes on where its home is removed meanwhile', () => {
    const clock = HomeClock.open(home, 1);
    rmSync(home.folder, { recursive: true });
    vi.advanceTimersByTime(1500);
    clock.close();
  });

  it('says in a sentence which file of it is damaged, and what to do', () => {
    writeFileSync(home.path('clock.json'), '');
    expect(() => HomeClock.open(home, 1)).toThrow(/clock\.json cannot be read .*Remove it/);
  });
});
