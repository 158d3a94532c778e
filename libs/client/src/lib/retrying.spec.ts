import { describe, expect, it } from 'vitest';
import { ClientError, type ClientErrorCode } from './client-error.ts';
import { newId } from './new-id.ts';
import { RetryBudget } from './retry-budget.ts';
import { Retrying } from './retrying.ts';

const failure = (code: ClientErrorCode): ClientError => new ClientError(code, 'no');

describe('RetryBudget', () => {
  it('counts a failure that many rows had together once', () => {
    const budget = new RetryBudget();
    const failure = new Error();
    expect(Array.from({ length: 50 }, () => budget.failed(failure))).not.toContain(false);
    expect(Array.from({ length: 4 }, () => budget.failed(new Error()))).toEqual([true, true, true, false]);
  });

  it('lets attempts follow on four failures of ten tokens, and on one more for ten successes', () => {
    const budget = new RetryBudget();
    // 9, 8, 7, 6 are above half of 10, 5 is not.
    expect(Array.from({ length: 5 }, () => budget.failed(new Error()))).toEqual([true, true, true, true, false]);
    for (let success = 0; success < 20; success += 1) budget.succeeded();
    // 5 + 20 × 0.1 − 1 = 6.
    expect([budget.failed(new Error()), budget.failed(new Error())]).toEqual([true, false]);
  });

  it('never holds more than it began with, nor less than nothing', () => {
    const budget = new RetryBudget({ tokens: 2, ratio: 2 });
    for (let call = 0; call < 9; call += 1) budget.succeeded();
    expect([budget.failed(new Error()), budget.failed(new Error()), budget.failed(new Error())]).toEqual([
      false,
      false,
      false,
    ]);
    budget.succeeded();
    // 0 + 2 − 1 is half of two, and no more.
    expect(budget.failed(new Error())).toBe(false);
  });
});

describe('Retrying', () => {
  it('makes an attempt again that found nobody, and no other', async () => {
    for (const [code, made] of [
      ['UNAVAILABLE', 4],
      ['INVALID_ARGUMENT', 1],
      ['RESOURCE_EXHAUSTED', 1],
      ['INTERNAL', 1],
    ] as const) {
      let attempts = 0;
      const run = new Retrying({ pauseMs: 1 }).run(60_000, undefined, () => {
        attempts += 1;
        return Promise.reject(failure(code));
      });
      await expect(run).rejects.toMatchObject({ code });
      expect([code, attempts]).toEqual([code, made]);
    }
  });

  it('answers with the first attempt that is answered', async () => {
    let attempts = 0;
    const answer = new Retrying({ pauseMs: 1 }).run(60_000, undefined, async () => {
      if (++attempts < 3) throw failure('UNAVAILABLE');
      return attempts;
    });
    expect(await answer).toBe(3);
  });

  it('asks a server that is down little more often than it is called', async () => {
    const retrying = new Retrying({ pauseMs: 0 });
    let attempts = 0;
    for (let call = 0; call < 100; call += 1)
      await retrying
        .run(60_000, undefined, () => {
          attempts += 1;
          return Promise.reject(failure('UNAVAILABLE'));
        })
        .catch(() => undefined);
    // The first call has its four attempts, for four tokens of ten; the next one takes the fifth, and none is repeated any more.
    expect(attempts).toBe(103);
  });

  it('ends at the deadline, whatever an attempt does, and with the caller', async () => {
    const hangs = (_left: number, signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(failure('UNAVAILABLE'));
        });
      });
    await expect(new Retrying().run(20, undefined, hangs)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const caller = new AbortController();
    const run = new Retrying().run(600_000, caller.signal, hangs);
    caller.abort();
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(new Retrying().run(600_000, caller.signal, async () => 1)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

describe('newId', () => {
  it('begins with its time, as RFC 9562 has it, and is another each time', () => {
    // Appendix A.6: 2022-02-22 14:22:22.000 -05:00 is 017F22E2-79B0-7….
    const made = Array.from({ length: 100 }, () => newId(Date.UTC(2022, 1, 22, 19, 22, 22)));
    for (const id of made) expect(id).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(made).size).toBe(100);
  });
});
