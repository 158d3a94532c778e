import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ModelLoops } from './model-loop.ts';

const until = async (holds: () => boolean): Promise<void> => {
  for (const end = Date.now() + 5_000; !holds(); await sleep(2))
    if (Date.now() > end) throw new Error('it did not come to hold within 5 s');
};

describe('ModelLoops', () => {
  it('looks again after the time it was told, and when woken from idle', async () => {
    const looks: string[] = [];
    const loops = new ModelLoops(
      (model) => Promise.resolve(looks.push(model) < 3 ? { againInMs: 1 } : 'idle'),
      () => {},
    );
    loops.wake('ads');
    await until(() => looks.length === 3);
    loops.wake('ads');
    await until(() => looks.length === 4);
    await loops.stop();
    expect(looks).toEqual(['ads', 'ads', 'ads', 'ads']);
  });

  it('does not lose a wake that comes during a look', async () => {
    let looks = 0;
    const loops = new ModelLoops(
      () => {
        if (++looks === 1) loops.wake('ads');
        return Promise.resolve('idle');
      },
      () => {},
    );
    loops.wake('ads');
    await until(() => looks === 2);
    await loops.stop();
  });

  it('tries again, later and later, where a look throws', async () => {
    const retries: number[] = [];
    const loops = new ModelLoops(
      () => (retries.length < 2 ? Promise.reject(new Error('the registry is away')) : Promise.resolve('idle')),
      (_, __, retryMs) => {
        retries.push(retryMs);
        setTimeout(() => loops.wake('ads'), 5);
      },
    );
    loops.wake('ads');
    await until(() => retries.length === 2);
    await loops.stop();
    expect(retries).toEqual([250, 500]);
  });

  it('asks the look in progress to give up, and waits for it', async () => {
    let gaveUp = false;
    const loops = new ModelLoops(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            gaveUp = true;
            reject(new Error('aborted'));
          });
        }),
      () => {},
    );
    loops.wake('ads');
    await loops.stop();
    expect(gaveUp).toBe(true);
  });
});
