import type { ColumnType, TimeFormat } from '@adstocrat/examples';
import { type CellKind, cellKinds, type ColumnFacts } from '@adstocrat/statistics';

const numbers = {
  integer: ['integer'],
  float: ['integer', 'decimal', 'pointed', 'big', 'padded'],
} as const satisfies Record<string, readonly CellKind[]>;

type Cells = Pick<ColumnFacts, 'cells'>;

/** Whether every cell of a column is empty or a number of its type, so that whoever reads them need not look at their form once more. */
export function areCleanNumbers(facts: Cells, type: ColumnType): boolean {
  return type !== 'string' && areOnly(facts, numbers[type]);
}

/** The same of times. */
export function areCleanTimes(facts: Cells, format: TimeFormat): boolean {
  if (format.startsWith('epoch-')) return areCleanNumbers(facts, 'float');
  return format === 'iso-8601' && areOnly(facts, ['iso-8601']);
}

function areOnly({ cells }: Cells, kinds: readonly CellKind[]): boolean {
  return cellKinds.every((kind) => kind === 'empty' || kinds.includes(kind) || cells[kind] === 0);
}
