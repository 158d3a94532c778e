import type { ColumnStatistics } from '@adstocrat/statistics';
import type { Roles } from './operation.ts';
import type { TextKind } from './text-kind.ts';

/** Why a column of texts is left out that no rule was found in. */
export const differentInEachRow = 'has a different value in nearly every row';

/** An operation's name with its parameters, as a task would declare it. */
export type ChosenOperation = { readonly op: string } & Readonly<Record<string, unknown>>;

/** Operations on a column by what its texts are, or why it is left out. `shorten`: what becomes of a number of ids. */
export function chooseForText(
  kind: TextKind,
  { categorical, present }: ColumnStatistics,
  { eventTime }: Omit<Roles, 'column'>,
  shorten: (length: number) => number,
): readonly ChosenOperation[] | string {
  const allDiffer = (categorical?.distinct ?? 0) > 0.9 * present;
  const whole: readonly ChosenOperation[] = allDiffer ? [] : [{ op: 'vocabulary' }];
  switch (kind.kind) {
    case 'time':
      return [...whole, ...timeOperations(kind, eventTime)];
    case 'address': {
      const parts = kind.hostAlone ? [] : [{ op: 'tokens', length: shorten(kind.length) }];
      return [{ op: 'urlHost' }, ...parts, ...(kind.hostAlone ? [] : whole)];
    }
    case 'list':
      return [...whole, { op: 'list', separator: kind.separator, length: shorten(kind.length) }];
    case 'words':
      return [...whole, { op: 'tokens', length: shorten(kind.length) }];
    case 'unspaced':
      return [...whole, { op: 'characterNgrams', from: 2, to: 2, length: shorten(kind.length) }];
    case 'value':
      return allDiffer ? differentInEachRow : whole;
  }
}

/** Days to come are in no vocabulary. A text that is no time is missing: nobody said that the column holds nothing else. */
function timeOperations(
  { format, withClock }: Extract<TextKind, { readonly kind: 'time' }>,
  eventTime: string | undefined,
): readonly ChosenOperation[] {
  const read = { format, others: 'missing' };
  const year = format === 'iso-8601' || format === 'yyyymmdd' ? [{ op: 'prefix', length: 4 }] : [];
  return [
    ...(eventTime === undefined ? [...year, { op: 'month', ...read }] : [{ op: 'age', ...read }]),
    { op: 'weekday', ...read },
    ...(withClock ? [{ op: 'hour', ...read }] : []),
  ];
}
