import { describe, expect, it } from 'vitest';
import { type Done, Pace, timeOf } from './pace.ts';

const scan = (change: Partial<Done>): Done => ({
  step: 'scan',
  done: 0,
  total: 100e6,
  unit: 'bytes',
  rows: 0,
  ...change,
});

describe('Pace', () => {
  it('says how much there is at once, and the rate and the time left once there is a rate', () => {
    const pace = new Pace();
    expect(pace.say(scan({}), 5000)).toBe('of 100.0 MB');
    expect(pace.say(scan({ done: 1e6, rows: 9000 }), 5400)).toBe('of 100.0 MB, 9,000 rows');
    // 20 MB in 2 s are 10 a second: 80 MB more take 8 s.
    expect(pace.say(scan({ done: 20e6, rows: 180_000 }), 7000)).toBe(
      'of 100.0 MB, 180,000 rows, 10.0 MB/s, about 8 s left',
    );
    expect(pace.say(scan({ done: 100e6 }), 15_000)).toBe('of 100.0 MB, 10.0 MB/s');
  });

  it('counts from where a step was first heard of, and anew where it begins again', () => {
    const pace = new Pace();
    pace.say(scan({ done: 60e6 }), 0);
    expect(pace.say(scan({ done: 80e6 }), 2000)).toBe('of 100.0 MB, 10.0 MB/s, about 2 s left');
    expect(pace.say(scan({ done: 10e6 }), 3000)).toBe('of 100.0 MB');
    expect(pace.say(scan({ step: 'images', done: 5, total: 0, unit: 'images' }), 4000)).toBe('images');
    expect(pace.say(scan({ step: 'images', done: 25, total: 45, unit: 'images' }), 6000)).toBe(
      'of 45 images, 10 images/s, about 2 s left',
    );
  });

  it('says nothing of what has no figures', () => {
    expect(new Pace().say({ step: 'split', done: 0, total: 0, unit: '', rows: 0 }, 0)).toBe('');
  });
});

describe('timeOf', () => {
  it.each([
    [0.2, '1 s'],
    [99, '99 s'],
    [100, '2 min'],
    [7200, '2.0 h'],
  ])('says %d seconds as %s', (seconds, words) => {
    expect(timeOf(seconds)).toBe(words);
  });
});
