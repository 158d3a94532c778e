import { describe, expect, it } from 'vitest';
import { limited } from './limited.ts';

describe('limited', () => {
  it('runs so many at once, in order, and goes on after one that fails', async () => {
    const run = limited(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const work = (index: number) => () =>
      new Promise<number>((resolve, reject) => {
        begun.push(index);
        ends[index] = () => {
          if (index === 0) reject(new Error('broken'));
          else resolve(index);
        };
      });
    const all = Promise.allSettled([0, 1, 2, 3].map((index) => run(work(index))));
    await Promise.resolve();
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    ends[1]?.();
    await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
    ends[2]?.();
    ends[3]?.();
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  });
});
