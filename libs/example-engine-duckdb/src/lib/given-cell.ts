import type { DataFile } from '@adstocrat/example-engine';
import { text } from './sql-text.ts';

/** SQL of a cell of a column that is none of the file's: what its folders say, else missing. */
export function givenCell({ cells }: DataFile, column: string): string {
  const value = cells?.get(column);
  return value === undefined || value === null || value === '' ? 'NULL::VARCHAR' : text(value);
}
