import { z } from 'zod';
import { moments, type MomentsOf } from '../aggregates/moments.ts';
import type { Aggregate } from '../aggregates/aggregate.ts';
import { type MsPerUnit, timeIn, timeUnit } from '../aggregates/time-unit.ts';
import { exactLog1p } from '../exact/logarithm.ts';
import { numberOperation } from '../families/numbers.ts';
import { otherColumn } from '../families/other-columns.ts';
import { scaleOf, standardized } from '../families/scaled.ts';
import { dayMs } from '../families/time-part.ts';
import type { Columns } from '../operation.ts';

const parameters = z.strictObject({
  /** The column with the time at which the age is taken; left out, the task's event time. */
  at: otherColumn.optional(),
});

type AgeNeeds = {
  readonly ownUnit: Aggregate<MsPerUnit>;
  readonly atUnit: Aggregate<MsPerUnit>;
  /** Of ln(1 + days), where both columns are in the unit that most are: text, or milliseconds. */
  readonly spreads: Aggregate<readonly MomentsOf[]>;
};

interface AgeState {
  readonly ownUnit: MsPerUnit;
  readonly atUnit: MsPerUnit;
  readonly mean: number;
  readonly scale: number;
}

const units: readonly MsPerUnit[] = [1000, 1, 0.001, 0.000001];

export const age = numberOperation<z.output<typeof parameters>, AgeNeeds, AgeState>({
  name: 'age',
  summary: 'days from the date in this column to the event, ln(1 + days) with their sign, standardized',
  parameters,
  takes: ({ at }) => [at ?? ''],
  complete({ at }, { eventTime }) {
    const column = at ?? eventTime;
    if (column === undefined)
      throw new RangeError('needs `at`, the column with the time at which the age is taken: the task has no eventTime');
    return { at: column };
  },
  needs: () => ({ ownUnit: timeUnit(0), atUnit: timeUnit(1), spreads: spreadsByUnits() }),
  state({ ownUnit, atUnit, spreads }) {
    const spread = spreads[units.indexOf(ownUnit) * units.length + units.indexOf(atUnit)];
    return spread === undefined || spread.count === 0 ? undefined : { ownUnit, atUnit, ...scaleOf(spread) };
  },
  number:
    ({ ownUnit, atUnit, mean, scale }) =>
    (columns, row) =>
      standardized(logDays(columns, row, ownUnit, atUnit), mean, scale),
});

/** In which unit a numeric column is, is known only after the last row: the spread is taken for each pair. */
function spreadsByUnits(): Aggregate<readonly MomentsOf[]> {
  const each = units.flatMap((own) =>
    units.map((at) => ({ own, at, spread: moments((columns, row) => logDays(columns, row, own, at)) })),
  );
  return {
    add(rows) {
      // Text has no unit, and needs one pair only.
      const own = rows.columns[0]?.type === 'string';
      const at = rows.columns[1]?.type === 'string';
      for (const pair of each) if ((!own || pair.own === 1) && (!at || pair.at === 1)) pair.spread.add(rows);
    },
    result: () => each.map(({ spread }) => spread.result()),
  };
}

function logDays(columns: Columns, row: number, ownUnit: MsPerUnit, atUnit: MsPerUnit): number {
  const days = (timeIn(columns, 1, row, atUnit) - timeIn(columns, 0, row, ownUnit)) / dayMs;
  return days < 0 ? -exactLog1p(-days) : exactLog1p(days);
}
