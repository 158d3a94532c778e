import { createHmac } from 'node:crypto';
import { bucketOf, canonicalText, integerOf, numberOf, pointedCell } from '@adstocrat/examples';
import type { CellColumn, RowWork } from './row-work.ts';

/** Blanks around a cell: those that `numberOf` allows around a number. */
export function trimmed(cell: string): string {
  return cell.replaceAll(/^[ \t\n\v\f\r\u00a0\ufeff]+|[ \t\n\v\f\r\u00a0\ufeff]+$/g, '');
}

type PersonalKey = Extract<RowWork, { kind: 'prepare' }>['personalKey'];

/** What reads a column's cells: null for what is missing or no value of the type. */
export function cellReader(column: CellColumn, key: PersonalKey): (cell: string | null) => string | number | null {
  const { personal } = column;
  if (column.isId === true) return (cell) => cell && canonicalText(cell);
  if (personal === undefined) return (cell) => valueOf(cell, column);
  if (personal !== 'hash')
    return (cell) => {
      const value = valueOf(cell, { ...column, type: 'float' });
      return typeof value === 'number' ? bucketOf(value, personal.bucket) : null;
    };
  if (key === undefined) throw new TypeError('a personal column cannot be hashed without a key');
  const secret = Buffer.from(key.secret, 'hex');
  return (cell) => {
    const value = valueOf(cell, column);
    if (value === null) return null;
    const digest = createHmac('sha256', secret)
      .update(canonicalText(String(value)))
      .digest('hex');
    return `${key.id}-${digest.slice(0, 16)}`;
  };
}

function valueOf(cell: string | null, { type, decimal }: CellColumn): string | number | null {
  if (cell === null || cell === '') return null;
  if (type === 'string') return cell;
  const pointed = decimal === ',' ? pointedCell(cell) : cell;
  const value = (type === 'integer' ? integerOf : numberOf)(pointed);
  return value === undefined || Number.isNaN(value) ? null : value;
}
