import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Cancelled } from '@adstocrat/service-kit';
import { DeadlineExceeded } from './inference-failure.ts';
import { untilLate } from './until-late.ts';

/** Ends with what the signal aborts with. */
const leaves = async (signal: AbortSignal): Promise<never> => {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
};

describe('untilLate', () => {
  it('ends work when the caller is gone, also where it was gone before', async () => {
    const calls = new AbortController();
    const work = untilLate({ signal: calls.signal }, leaves);
    calls.abort();
    await expect(work).rejects.toThrow(Cancelled);
    await expect(untilLate({ signal: calls.signal }, leaves)).rejects.toThrow(Cancelled);
  });

  it('ends work at the deadline', async () => {
    const { signal } = new AbortController();
    await expect(untilLate({ signal, deadlineMs: Date.now() + 20 }, leaves)).rejects.toThrow(DeadlineExceeded);
    await expect(untilLate({ signal, deadlineMs: 0 }, leaves)).rejects.toThrow(DeadlineExceeded);
  });

  it('answers what is in time, however far away the deadline is', async () => {
    const { signal } = new AbortController();
    for (const deadlineMs of [undefined, Date.now() + 1e12, 8.64e15]) {
      const work = untilLate({ signal, ...(deadlineMs !== undefined && { deadlineMs }) }, async (late) => {
        await new Promise(setImmediate);
        return late.aborted;
      });
      expect(await work).toBe(false);
    }
  });
});
