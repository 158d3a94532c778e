import { describe, expect, it } from 'vitest';
import { type Resource, runService } from './run-service.ts';

function resources(
  said: string[],
  names: readonly string[],
  failing: Readonly<Record<string, 'start' | 'stop'>> = {},
): Resource[] {
  const step = (name: string, what: 'start' | 'stop'): Promise<void> => {
    said.push(`${what} ${name}`);
    return failing[name] === what ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve();
  };
  return names.map((name) => ({ name, start: () => step(name, 'start'), stop: () => step(name, 'stop') }));
}

describe('runService', () => {
  it('starts in order and stops in reverse when it is told to', async () => {
    const said: string[] = [];
    const stop = new AbortController();
    const running = runService(resources(said, ['bus', 'loop', 'server']), { signal: stop.signal, graceMs: 1000 });
    await new Promise(setImmediate);
    expect(said).toEqual(['start bus', 'start loop', 'start server']);
    stop.abort();
    await running;
    expect(said.slice(3)).toEqual(['stop server', 'stop loop', 'stop bus']);
  });

  it('stops what was started when one does not start, and names it', async () => {
    const said: string[] = [];
    const { signal } = new AbortController();
    const running = runService(resources(said, ['bus', 'server', 'never'], { server: 'start' }), {
      signal,
      graceMs: 1000,
    });
    await expect(running).rejects.toThrow('starting server: no server');
    expect(said).toEqual(['start bus', 'start server', 'stop server', 'stop bus']);
  });

  it('stops the others when one does not stop, and says so', async () => {
    const said: string[] = [];
    const running = runService(resources(said, ['bus', 'server'], { server: 'stop' }), {
      signal: AbortSignal.abort(),
      graceMs: 1000,
    });
    await running;
    expect(said).toEqual([]);
    const stop = new AbortController();
    const second = runService(resources(said, ['bus', 'server'], { server: 'stop' }), {
      signal: stop.signal,
      graceMs: 1000,
    });
    await new Promise(setImmediate);
    stop.abort();
    await expect(second).rejects.toThrow('not everything stopped: stopping server: no server');
    expect(said).toContain('stop bus');
  });

  it('gives up on one that does not stop within its share of the grace, names it, and stops the others', async () => {
    const said: string[] = [];
    const stop = new AbortController();
    let hurried = false;
    const stuck: Resource = {
      name: 'stuck',
      start: () => Promise.resolve(),
      stop: (hurry) => {
        hurry?.addEventListener('abort', () => (hurried = true));
        return new Promise(() => undefined);
      },
    };
    const running = runService([...resources(said, ['bus']), stuck], { signal: stop.signal, graceMs: 40 });
    await new Promise(setImmediate);
    stop.abort();
    // Half of the grace to finish, half of the rest to cut: about 30 ms, by a clock that may have gone on.
    await expect(running).rejects.toThrow(/^not everything stopped: stopping stuck: it did not stop within \d+ ms$/u);
    expect(hurried).toBe(true);
    expect(said).toEqual(['start bus', 'stop bus']);
  });

  it('stops what was started when it is told to end while something else never starts', async () => {
    const said: string[] = [];
    const stop = new AbortController();
    const waiting: Resource = {
      name: 'waiting',
      start: () => new Promise(() => undefined),
      stop: () => Promise.resolve(),
    };
    const running = runService([...resources(said, ['bus']), waiting, ...resources(said, ['never'])], {
      signal: stop.signal,
      graceMs: 1000,
    });
    await new Promise(setImmediate);
    stop.abort();
    await running;
    expect(said).toEqual(['start bus', 'stop bus']);
  });
});
