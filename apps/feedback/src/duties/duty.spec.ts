import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { Duty } from './duty.ts';

const logger = pino({ level: 'silent' });

describe('Duty', () => {
  it('is done again after a failure, while others go on', async () => {
    let [failed, done] = [0, 0];
    const failing = new Duty({
      name: 'failing',
      logger,
      everyMs: () => 1,
      run: () => {
        failed += 1;
        return failed < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
      },
    });
    const other = new Duty({
      name: 'other',
      logger,
      everyMs: () => 1,
      run: () => {
        done += 1;
        return Promise.resolve();
      },
    });
    await Promise.all([failing.start(), other.start()]);
    await expect.poll(() => failed, { timeout: 240_000 }).toBeGreaterThan(3);
    // It has waited 0.2 s and 0.4 s, the other one a millisecond each time.
    expect(done).toBeGreaterThan(failed);
    await Promise.all([failing.stop(), other.stop()]);
  });

  it('stops without waiting for what hangs, once it is hurried', async () => {
    const hanging = new Duty({ name: 'hanging', logger, everyMs: () => 1, run: () => new Promise(() => undefined) });
    await hanging.start();
    const hurry = new AbortController();
    const stopped = hanging.stop(hurry.signal);
    hurry.abort();
    await stopped;
  });
});
