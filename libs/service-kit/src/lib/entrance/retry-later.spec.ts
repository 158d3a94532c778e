import { pino } from 'pino';
import { expect, it } from 'vitest';
import { failureStatus } from '../grpc/failure-status.ts';
import { NotFound } from '../service-error.ts';
import { RetryLater } from './retry-later.ts';

const logger = pino({ level: 'silent' });

it('tells a gRPC caller when it may come again, also where a handler refuses it', () => {
  const pushback = (error: Error): unknown =>
    failureStatus(error, logger, '/spec.Calls/Asks').headers?.['grpc-retry-pushback-ms'];
  expect(pushback(new RetryLater('too much', 12.5))).toBe('13');
  expect(pushback(new NotFound('gone'))).toBeUndefined();
});
