import type { TimeFormat } from '@adstocrat/examples';
import { z } from 'zod';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { timeFormat, timeIn } from '../aggregates/time-format.ts';
import { sineCosine } from '../exact/sine.ts';
import { civilDate, yearLength } from '../civil-date.ts';
import { completeFormat, dayMs, hourMs, timeParameters } from '../families/time-part.ts';
import { writtenAs } from '../families/written-as.ts';
import { defineOperation } from '../operation.ts';

const periods = ['hour', 'day', 'week', 'year'] as const;
const parameters = timeParameters.extend({ period: z.enum(periods).default('day') });

interface CyclicTimeState {
  readonly period: (typeof periods)[number];
  readonly offsetMinutes: number;
  readonly format: TimeFormat;
}

export const cyclicTime = defineOperation<
  z.output<typeof parameters>,
  { readonly format: Aggregate<TimeFormat | undefined> },
  CyclicTimeState
>({
  name: 'cyclicTime',
  summary: 'sine and cosine of a time’s place in the hour, day, week or year',
  parameters,
  complete: completeFormat,
  needs: ({ format }) => ({ format: timeFormat(0, format) }),
  fit({ format: found }, { period, offsetMinutes, others }) {
    const format = writtenAs(found);
    const times = others === 'refused' ? { times: [format] } : {};
    return { slots: 0, size: 0, dims: 2, ...times, state: { period, offsetMinutes, format } };
  },
  compile: ({ period, offsetMinutes, format }) => ({
    numbers(columns, row, out, at) {
      const time = timeIn(columns, 0, row, format) + offsetMinutes * 60_000;
      if (!Number.isFinite(time)) return;
      const [sine, cosine] = sineCosine(turnsOf(time, period));
      out[at] = sine;
      out[at + 1] = cosine;
    },
  }),
});

/** Periods since one began; only the part behind the point counts. */
function turnsOf(timeMs: number, period: CyclicTimeState['period']): number {
  switch (period) {
    case 'hour':
      return timeMs / hourMs;
    case 'day':
      return timeMs / dayMs;
    case 'week':
      // From Monday: 1 January 1970 was a Thursday.
      return (timeMs / dayMs + 3) / 7;
    case 'year': {
      const days = Math.floor(timeMs / dayMs);
      const { year, dayOfYear } = civilDate(days);
      return (dayOfYear + (timeMs / dayMs - days)) / yearLength(year);
    }
  }
}
