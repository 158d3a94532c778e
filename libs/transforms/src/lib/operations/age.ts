import { isJoined, type TimeFormat, timeFormats } from '@adstocrat/examples';
import { z } from 'zod';
import { moments, type MomentsOf } from '../aggregates/moments.ts';
import type { Aggregate, TrainingRows } from '../aggregates/aggregate.ts';
import { timeFormat, timeIn } from '../aggregates/time-format.ts';
import { exactLog1p } from '../exact/logarithm.ts';
import { numberOperation } from '../families/numbers.ts';
import { otherColumn } from '../families/other-columns.ts';
import { scaleOf, standardized } from '../families/scaled.ts';
import { dayMs, otherTexts } from '../families/time-part.ts';
import { writtenAs } from '../families/written-as.ts';

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
      standardized(logDays(timeIn(columns, 0, row, format), timeIn(columns, 1, row, atFormat)), mean, scale),
});

/** How a column is written is known only after the last row: the spread of ln(1 + days) is taken for each pair that it may come to. */
function spreadsByFormats(own?: TimeFormat, at?: TimeFormat): Aggregate<ReadonlyMap<string, MomentsOf>> {
  const [firsts, seconds] = [own, at].map((given) => (given === undefined ? timeFormats : [given]));
  let [first, second]: [Float64Array, Float64Array] = [new Float64Array(), new Float64Array()];
  const spreads = new Map(
    firsts!.flatMap((one) =>
      seconds!.map((other) => [`${one} ${other}`, moments((_, row) => logDays(first[row]!, second[row]!))] as const),
    ),
  );
  return {
    add(rows) {
      const [firstTimes, secondTimes] = [timesByFormat(rows, 0, firsts!), timesByFormat(rows, 1, seconds!)];
      for (const [one, times] of firstTimes)
        for (const [other, otherTimes] of secondTimes) {
          [first, second] = [times, otherTimes];
          spreads.get(`${one} ${other}`)?.add(rows);
        }
    },
    result: () => new Map(Array.from(spreads, ([pair, spread]) => [pair, spread.result()])),
  };
}

/** A column's times by the formats in which any of its cells is one: of several, those of its type. */
function timesByFormat(
  { columns, rows }: TrainingRows,
  position: number,
  formats: readonly TimeFormat[],
): ReadonlyMap<TimeFormat, Float64Array> {
  const type = columns[position]?.type;
  const found = new Map<TimeFormat, Float64Array>();
  for (const format of formats) {
    const fits = type === undefined || isJoined(format) || format.startsWith('epoch-') === (type !== 'string');
    if (formats.length > 1 && !fits) continue;
    const times = Float64Array.from({ length: rows }, (_, row) => timeIn(columns, position, row, format));
    if (times.some((time) => !Number.isNaN(time))) found.set(format, times);
  }
  return found;
}

function logDays(ownMs: number, atMs: number): number {
  const days = (atMs - ownMs) / dayMs;
  return days < 0 ? -exactLog1p(-days) : exactLog1p(days);
}
