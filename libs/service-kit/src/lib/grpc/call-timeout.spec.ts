import { describe, expect, it } from 'vitest';
import { timeoutMs } from './call-timeout.ts';

/* gRPC over HTTP2, "Timeout": at most eight digits and one of six units. */
describe('timeoutMs', () => {
  it.each([
    ['2H', 7_200_000],
    ['3M', 180_000],
    ['4S', 4000],
    ['500m', 500],
    ['1500u', 1.5],
    ['2500000n', 2.5],
    ['0m', 0],
    ['99999999H', 99_999_999 * 3_600_000],
  ])('%s', (header, ms) => {
    expect(timeoutMs(header)).toBeCloseTo(ms, 9);
  });

  it('is endless without a header', () => {
    expect(timeoutMs(undefined)).toBe(Infinity);
  });

  it.each(['', '5', 'S', '-1S', '1.5S', '123456789S', '5s', '5S ', '5S, 6S'])('refuses "%s"', (header) => {
    expect(() => timeoutMs(header)).toThrow(`Invalid grpc-timeout value "${header}"`);
  });
});
