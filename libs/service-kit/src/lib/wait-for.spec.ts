import { describe, expect, it } from 'vitest';
import { waitFor, withoutPassword } from './wait-for.ts';

interface Said {
  readonly dependency?: string;
  readonly reason?: string;
  readonly nextTryMs?: number;
}

function logger(): {
  readonly said: Said[];
  readonly warn: (fields: Said) => void;
  readonly info: (fields: Said) => void;
} {
  const said: Said[] = [];
  return { said, warn: (fields) => said.push(fields), info: (fields) => said.push(fields) };
}

describe('waitFor', () => {
  it('tries again with doubled pauses up to the longest, saying what it waits for and why', async () => {
    const log = logger();
    let tries = 0;
    const value = await waitFor(
      'database',
      () => ((tries += 1) < 5 ? Promise.reject(new Error('refused')) : Promise.resolve('up')),
      { logger: log, firstPauseMs: 1, maxPauseMs: 4 },
    );
    expect(value).toBe('up');
    expect(log.said.slice(0, 4)).toEqual(
      [1, 2, 4, 4].map((nextTryMs) => ({ dependency: 'database', reason: 'refused', nextTryMs })),
    );
    expect(log.said[4]).toEqual({ dependency: 'database', tries: 5 });
  });

  it('throws at once what waiting does not cure', async () => {
    const log = logger();
    const attempt = (): Promise<never> => Promise.reject(new TypeError('no such scheme'));
    await expect(
      waitFor('bus', attempt, { logger: log, isFinal: (error) => error instanceof TypeError }),
    ).rejects.toThrow('no such scheme');
    expect(log.said).toEqual([]);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const waiting = waitFor('bus', () => Promise.reject(new Error('away')), {
      logger: logger(),
      signal: stop.signal,
      firstPauseMs: 60_000,
    });
    setTimeout(() => stop.abort(), 5);
    await expect(waiting).rejects.toThrow(/abort/i);
  });
});

describe('withoutPassword', () => {
  it.each([
    ['postgres://ann:secret@db:5432/ads', 'postgres://ann:***@db:5432/ads'],
    ['postgres://ann@db/ads', 'postgres://ann@db/ads'],
    ['kafka://a:9092,b:9092', 'kafka://a:9092,b:9092'],
  ])('shows %s as %s', (url, shown) => {
    expect(withoutPassword(url)).toBe(shown);
  });
});
