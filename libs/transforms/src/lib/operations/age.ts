import { isJoined, type TimeFormat, timeFormats } from '@adstocrat/examples';
import { z } from 'zod';
import { moments, type MomentsOf } from '../aggregates/moments.ts';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { timeFormat, timeIn } from '../aggregates/time-format.ts';
import { exactLog1p } from '../exact/logarithm.ts';
import { numberOperation } from '../families/numbers.ts';
import { otherColumn } from '../families/other-columns.ts';
import { scaleOf, standardized } from '../families/scaled.ts';
import { dayMs, otherTexts } from '../families/time-part.ts';
import { writtenAs } from '../families/written-as.ts';
import type { Columns } from '../operation.ts';

const parameters = z.strictObject({
  /** The column with the time at which the age is taken; left out, the task's event time. */
  at: otherColumn.optional(),
  /** How either column writes times, where its cells do not tell. */
  format: z.enum(timeFormats).optional(),
  atFormat: z.enum(timeFormats).optional(),
  others: otherTexts,
});

type AgeNeeds = {
  readonly own: Aggregate<TimeFormat | undefined>;
  readonly at: Aggregate<TimeFormat | undefined>;
  readonly spreads: Aggregate<ReadonlyMap<string, MomentsOf>>;
};

interface AgeState {
  readonly format: TimeFormat;
  readonly atFormat: TimeFormat;
  readonly mean: number;
  readonly scale: number;
}

export const age = numberOperation<z.output<typeof parameters>, AgeNeeds, AgeState>({
  name: 'age',
  summary: 'days from the date in this column to the event, ln(1 + days) with their sign, standardized',
  parameters,
  takes: ({ at }) => [at ?? ''],
  complete(given, { eventTime, timeFormat: format }) {
    const at = given.at ?? eventTime;
    if (at === undefined)
      throw new RangeError('needs `at`, the column with the time at which the age is taken: the task has no eventTime');
    return { ...given, at, ...(given.atFormat === undefined && at === eventTime && { atFormat: format }) };
  },
  needs: ({ format, atFormat }) => ({
    own: timeFormat(0, format),
    at: timeFormat(1, atFormat),
    spreads: spreadsByFormats(format, atFormat),
  }),
  state({ own, at, spreads }) {
    const [format, atFormat] = [writtenAs(own), writtenAs(at)];
    const spread = spreads.get(`${format} ${atFormat}`);
    return spread === undefined || spread.count === 0 ? undefined : { format, atFormat, ...scaleOf(spread) };
  },
  times: ({ format, atFormat }, { others }) => (others === 'refused' ? [format, atFormat] : undefined),
  number:
    ({ format, atFormat, mean, scale }) =>
    (columns, row) =>
      standardized(logDays(columns, row, format, atFormat), mean, scale),
});

/** How a column is written is known only after the last row: the spread of ln(1 + days) is taken for each pair that it may come to. */
function spreadsByFormats(own?: TimeFormat, at?: TimeFormat): Aggregate<ReadonlyMap<string, MomentsOf>> {
  const pairs = (own === undefined ? timeFormats : [own]).flatMap((first) =>
    (at === undefined ? timeFormats : [at]).map((second) => ({
      first,
      second,
      spread: moments((columns, row) => logDays(columns, row, first, second)),
    })),
  );
  const fits = (format: TimeFormat, type: string | undefined): boolean =>
    type === undefined || isJoined(format) || format.startsWith('epoch-') === (type !== 'string');
  return {
    add(rows) {
      const [firstType, secondType] = rows.columns.map((column) => column?.type);
      for (const { first, second, spread } of pairs)
        if ((own !== undefined || fits(first, firstType)) && (at !== undefined || fits(second, secondType)))
          spread.add(rows);
    },
    result: () => new Map(pairs.map(({ first, second, spread }) => [`${first} ${second}`, spread.result()])),
  };
}

function logDays(columns: Columns, row: number, own: TimeFormat, at: TimeFormat): number {
  const days = (timeIn(columns, 1, row, at) - timeIn(columns, 0, row, own)) / dayMs;
  return days < 0 ? -exactLog1p(-days) : exactLog1p(days);
}
