import { z } from 'zod';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { type MsPerUnit, timeIn, timeUnit } from '../aggregates/time-unit.ts';
import { type AnyOperation, defineOperation } from '../operation.ts';

export const timeParameters = z.strictObject({
  /** Local time is UTC and this: no time zone has rules that every engine knows alike. */
  offsetMinutes: z.int().min(-1440).max(1440).default(0),
});

export const dayMs = 86_400_000;
export const hourMs = 3_600_000;

interface TimeState {
  readonly offsetMinutes: number;
  readonly unit: MsPerUnit;
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
  return defineOperation<z.output<typeof timeParameters>, { readonly unit: Aggregate<MsPerUnit> }, TimeState>({
    ...of,
    parameters: timeParameters,
    needs: () => ({ unit: timeUnit(0) }),
    fit: ({ unit }, { offsetMinutes }) => ({ slots: 1, size: 1 + of.parts, dims: 0, state: { offsetMinutes, unit } }),
    compile: ({ offsetMinutes, unit }) => ({
      ids(columns, row, out, at) {
        const time = timeIn(columns, 0, row, unit) + offsetMinutes * 60_000;
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
