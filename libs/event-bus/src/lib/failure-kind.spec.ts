import { describe, expect, it } from 'vitest';
import { PermanentFailure, TransientFailure } from './event-bus.ts';
import { failureKind } from './failure-kind.ts';

const withCode = (code: string): Error => Object.assign(new Error('it failed'), { code });

describe('failureKind', () => {
  it.each([
    { why: 'what says so', error: new PermanentFailure('never'), kind: 'permanent' },
    { why: 'what says so', error: new TransientFailure('later'), kind: 'transient' },
    { why: 'a refused connection', error: withCode('ECONNREFUSED'), kind: 'transient' },
    { why: 'a server that shuts down', error: withCode('57P01'), kind: 'transient' },
    { why: 'a statement that a slow server cut off', error: withCode('57014'), kind: 'transient' },
    { why: 'a write that went to a standby', error: withCode('25006'), kind: 'transient' },
    { why: 'a broken connection', error: new Error('Connection terminated unexpectedly'), kind: 'transient' },
    { why: 'a cause', error: new Error('reading', { cause: withCode('ECONNRESET') }), kind: 'transient' },
    { why: 'every address refused', error: new AggregateError([withCode('ECONNREFUSED')], ''), kind: 'transient' },
    { why: 'a violated constraint', error: withCode('23505'), kind: 'unknown' },
    { why: 'a missing file', error: withCode('ENOENT'), kind: 'unknown' },
    { why: 'what is no error', error: 'ECONNREFUSED', kind: 'unknown' },
  ])('takes $why as $kind', ({ error, kind }) => {
    expect(failureKind(error)).toBe(kind);
  });
});
