import { describe, expect, it } from 'vitest';
import type { ColumnSchema } from './data-schema.ts';
import { lackingColumns } from './given-columns.ts';

const column = (name: string, role: ColumnSchema['role'], table?: number): ColumnSchema => ({
  name,
  role,
  type: 'string',
  minPresence: 1,
  ...(table === undefined ? {} : { table }),
});
const schema = [
  column('row', 'id'),
  column('at', 'eventTime'),
  column('site', 'feature'),
  column('user id', 'feature'),
  column('color', 'feature', 0),
  column('notes', 'ignored'),
  column('clicked', 'label'),
];
const lacking = (...given: readonly string[]): string | undefined =>
  lackingColumns({ file: 'rows.csv', model: 'shop' }, schema, given);

describe('lackingColumns', () => {
  it('needs no label, no id, nothing that is ignored or looked up, and minds nothing more', () => {
    expect(lacking('at', 'site', 'user id', 'more')).toBeUndefined();
  });

  it('names what is missing and what may be meant', () => {
    expect(lacking('Site', 'user_id', 'at')).toBe(
      'rows.csv lacks 2 of the 3 columns that shop takes: "site" (the file has "Site"), "user id" (the file has "user_id")',
    );
  });
});
