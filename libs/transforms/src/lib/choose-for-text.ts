import type { ColumnStatistics } from '@adstocrat/statistics';
import type { Roles } from './operation.ts';
import { type TextKind, textKind } from './text-kind.ts';

/** An operation's name with its parameters, as a task would declare it. */
export type ChosenOperation = { readonly op: string } & Readonly<Record<string, unknown>>;

/** Operations on a text column by what its values are, or why it is left out. */
export function chooseForText(
  { categorical, present }: ColumnStatistics,
  { eventTime }: Omit<Roles, 'column'>,
): readonly ChosenOperation[] | string {
  const { distinct = 0 } = categorical ?? {};
  const found = kindOf(categorical);
  const allDiffer = distinct > 0.9 * present;
  const whole: readonly ChosenOperation[] = allDiffer ? [] : [{ op: 'vocabulary' }];
  switch (found.kind) {
    case 'time': {
      // Days to come are in no vocabulary. A time that a request has not, or writes otherwise, is missing: nobody declared it.
      const read = { format: found.format, others: 'missing' };
      return [
        ...(eventTime === undefined ? [{ op: 'month', ...read }] : [{ op: 'age', ...read }]),
        { op: 'weekday', ...read },
        ...(found.withClock ? [{ op: 'hour', ...read }] : []),
      ];
    }
    case 'address':
      return [
        { op: 'urlHost' },
        ...(found.hostAlone ? [] : [{ op: 'tokens', length: found.length }]),
        ...(found.hostAlone ? [] : whole),
      ];
    case 'list':
      return [...whole, { op: 'list', separator: found.separator, length: found.length }];
    case 'words':
      return [...whole, { op: 'tokens', length: found.length }];
    case 'unspaced':
      return [...whole, { op: 'characterNgrams', from: 1, to: 2, length: found.length }];
    case 'value':
      return allDiffer ? 'has a different value in nearly every row' : whole;
  }
}

/** Whether a column's values are times by their digits, as 20260131 is. */
export function holdsTimes({ categorical }: ColumnStatistics): boolean {
  return kindOf(categorical).kind === 'time';
}

function kindOf(categorical: ColumnStatistics['categorical']): TextKind {
  const { distinct = 0, top = [] } = categorical ?? {};
  return textKind(
    top.map(({ value }) => value),
    distinct,
  );
}
