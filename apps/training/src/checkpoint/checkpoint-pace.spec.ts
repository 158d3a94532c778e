import { describe, expect, it } from 'vitest';
import { CheckpointPace } from './checkpoint-pace.ts';

/** A pace on a clock that is moved by hand. */
function paceOf(everyMs: number): { readonly pace: CheckpointPace; readonly pass: (ms: number) => void } {
  let now = 0;
  return { pace: new CheckpointPace({ everyMs, nowMs: () => now }), pass: (ms) => void (now += ms) };
}

describe('CheckpointPace', () => {
  it('is due after the time that a kill may cost', () => {
    const { pace, pass } = paceOf(1000);
    pass(999);
    expect(pace.isDue(false)).toBe(false);
    pass(1);
    expect(pace.isDue(false)).toBe(true);
  });

  it('is due at once for a milestone', () => {
    expect(paceOf(1000).pace.isDue(true)).toBe(true);
  });

  it.each([false, true])(
    'leaves nineteen times as long as the last one took, milestone or not (%s)',
    async (milestone) => {
      const { pace, pass } = paceOf(1000);
      await pace.measure(() => Promise.resolve(pass(400)));
      pass(19 * 400 - 1);
      expect(pace.isDue(milestone)).toBe(false);
      pass(1);
      expect(pace.isDue(milestone)).toBe(true);
    },
  );

  it('counts one that failed', async () => {
    const { pace, pass } = paceOf(0);
    const failed = pace.measure(() => {
      pass(1000);
      return Promise.reject(new Error('the disk is full'));
    });
    await expect(failed).rejects.toThrow('the disk is full');
    expect(pace.isDue(true)).toBe(false);
  });
});
