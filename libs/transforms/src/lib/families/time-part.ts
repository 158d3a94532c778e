import { type TimeFormat, timeFormats } from '@adstocrat/examples';
import { z } from 'zod';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { timeFormat, timeIn } from '../aggregates/time-format.ts';
import { writtenAs } from './written-as.ts';
import { type AnyOperation, defineOperation, type Roles } from '../operation.ts';

/** What a text that is no time of the format is in a request: an error, or a missing value. */
export const otherTexts = z.enum(['refused', 'missing']).default('refused');

export const timeParameters = z.strictObject({
  /** Local time is UTC and this: no time zone has rules that every engine knows alike. */
  offsetMinutes: z.int().min(-1440).max(1440).default(0),
  /** How the column writes times, where its cells do not tell. */
  format: z.enum(timeFormats).optional(),
  others: otherTexts,
});

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;

interface TimeState {
  readonly offsetMinutes: number;
  readonly format: TimeFormat;
}

/** The task's format for its event time, where the feature says none. */
export function completeFormat<P extends { readonly format?: TimeFormat | undefined }>(parameters: P, roles: Roles): P {
  const { column, eventTime, timeFormat: format } = roles;
  return parameters.format !== undefined || format === undefined || column !== eventTime
    ? parameters
    : { ...parameters, format };
}

/** A part of a time in local time. Ids: 0 missing, then the parts from the first. */
export function timePartOperation(of: {
  readonly name: string;
  readonly summary: string;
  /** How many parts there are. */
  readonly parts: number;
  /** The part in [0, parts) of a time in Unix milliseconds, local. */
  readonly part: (timeMs: number) => number;
}): AnyOperation {
  return defineOperation<
    z.output<typeof timeParameters>,
    { readonly format: Aggregate<TimeFormat | undefined> },
    TimeState
  >({
    ...of,
    parameters: timeParameters,
    complete: completeFormat,
    needs: ({ format }) => ({ format: timeFormat(0, format) }),
    fit({ format: found }, { offsetMinutes, others }) {
      const format = writtenAs(found);
      const times = others === 'refused' ? { times: [format] } : {};
      return { slots: 1, size: 1 + of.parts, dims: 0, ...times, state: { offsetMinutes, format } };
    },
    compile: ({ offsetMinutes, format }) => ({
      ids(columns, row, out, at) {
        const time = timeIn(columns, 0, row, format) + offsetMinutes * 60_000;
        if (Number.isFinite(time)) out[at] = 1 + of.part(time);
      },
    }),
  });
}

/** Days since Monday, 29 December 1969, of a time in Unix milliseconds: 1 January 1970 was a Thursday. */
export function daysSinceMonday(timeMs: number): number {
  return Math.floor(timeMs / dayMs) + 3;
}

/** The remainder in [0, divisor), also of a negative number. */
export function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
