import { describe, expect, it } from 'vitest';
import { clockOf, parseClockOrigin } from './clock.ts';

describe('clockOf', () => {
  it('is the wall clock unless told otherwise', () => {
    expect(clockOf().at(1_764_000_000_000)).toBe(1_764_000_000_000);
    expect(Math.abs(clockOf().nowMs() - Date.now())).toBeLessThan(1000);
  });

  it('shows ten minutes more for each second since its origin at 600 times the speed', () => {
    const clock = clockOf({ speed: 600, origin: parseClockOrigin('1000000:5000000') });
    expect(clock.at(1_000_000)).toBe(5_000_000);
    expect(clock.at(1_001_000)).toBe(5_600_000);
    expect(clock.at(999_000)).toBe(4_400_000);
  });

  it.each([0, -1, Infinity, NaN])('refuses a speed of %d', (speed) => {
    expect(() => clockOf({ speed })).toThrow(RangeError);
  });

  it('refuses another speed without an origin, and an origin that is none', () => {
    expect(() => clockOf({ speed: 2 })).toThrow('needs an origin');
    for (const text of ['', '5', '1:2:3', 'now:0', '-1:2']) expect(() => parseClockOrigin(text)).toThrow(RangeError);
  });
});
