import { describe, expect, it } from 'vitest';
import { CallerLimited, CallerLimits, type CallerLimitsConfig } from './caller-limits.ts';
import { callerName } from './caller-name.ts';

let nowMs = 0;
const limitsOf = (change: Partial<CallerLimitsConfig>): CallerLimits =>
  new CallerLimits({ CALLER_MAX_CALLS: 1000, CALLER_MAX_BYTES: 1e9, ...change }, () => nowMs);

describe('CallerLimits', () => {
  it('hold each caller to so many calls at once, and not another', () => {
    const limits = limitsOf({ CALLER_MAX_CALLS: 2 });
    const [first] = [limits.enter('a'), limits.enter('a')];
    expect(() => limits.enter('a')).toThrow('at most 2 calls at once here (CALLER_MAX_CALLS): come again in 1 s');
    limits.enter('b');
    first.leave();
    first.leave();
    limits.enter('a');
    expect(() => limits.enter('a')).toThrow(CallerLimited);
  });

  it('hold each caller to so many bytes at once, of a stream those of its latest message', () => {
    const limits = limitsOf({ CALLER_MAX_BYTES: 100 });
    const [one, two] = [limits.enter('a'), limits.enter('a')];
    one.take(60);
    expect(() => two.take(60)).toThrow('100 bytes of calls at once');
    one.take(40);
    two.take(60);
    limits.enter('b').take(100);
    two.leave();
    one.take(100);
  });

  it('hold each caller to so many calls a second, a second’s worth at once', () => {
    const limits = limitsOf({ CALLER_CALLS_PER_S: 2 });
    const call = (): void => limits.enter('a').leave();
    call();
    call();
    expect(call).toThrow('at most 2 calls a second');
    limits.enter('b').leave();
    // Half a second is worth one.
    nowMs += 501;
    call();
    expect(call).toThrow(CallerLimited);
    nowMs += 60_000;
    call();
    call();
    expect(call).toThrow(CallerLimited);
  });

  it('let a large message pass, and make its sender wait for what it was above the rate', () => {
    const limits = limitsOf({ CALLER_BYTES_PER_S: 100 });
    const send = (bytes: number): void => {
      const entered = limits.enter('a');
      try {
        entered.take(bytes);
      } finally {
        entered.leave();
      }
    };
    send(350);
    const refusal = (() => {
      try {
        send(1);
      } catch (error) {
        return error as CallerLimited;
      }
      return undefined;
    })();
    // 250 bytes too many and the next one, at 100 a second.
    expect(refusal?.retryAfterMs).toBe(2510);
    nowMs += 2509;
    expect(() => send(1)).toThrow(CallerLimited);
    nowMs += 2;
    send(1);
  });

  it('stay small whoever calls: from 10,000 callers at once on, others share one’s limits', () => {
    const limits = limitsOf({ CALLER_MAX_CALLS: 1 });
    const entered = Array.from({ length: 10_000 }, (_, caller) => limits.enter(String(caller)));
    limits.enter('late');
    expect(() => limits.enter('later')).toThrow(CallerLimited);
    for (const one of entered.slice(0, 2)) one.leave();
    limits.enter('last');
  });
});

describe('callerName', () => {
  it.each([
    ['a token, wherever it comes from', 'shop', '10.0.0.1', 'token shop'],
    ['an address', undefined, '10.0.0.1', 'address 10.0.0.1'],
    ['an IPv4 address within IPv6', undefined, '::ffff:10.0.0.1', 'address ::ffff:10.0.0.1'],
    ['the network of an IPv6 address', undefined, '2001:db8:1:2:3:4:5:6', 'network 2001:db8:1:2'],
    ['the same, shortened', undefined, '2001:db8::6', 'network 2001:db8:0:0'],
    ['the loopback', undefined, '::1', 'network 0:0:0:0'],
  ])('is %s', (_, token, address, name) => {
    expect(callerName(token, address)).toBe(name);
  });
});
