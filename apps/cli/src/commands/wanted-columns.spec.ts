import type { ColumnSchema } from '@adstocrat/data-validation';
import { describe, expect, it } from 'vitest';
import { assertColumns } from './wanted-columns.ts';

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
const check =
  (...given: readonly string[]) =>
  () => {
    assertColumns({ file: 'rows.csv', model: 'shop' }, schema, given);
  };

describe('assertColumns', () => {
  it('needs no label, no id, nothing that is ignored or looked up, and minds nothing more', () => {
    expect(check('at', 'site', 'user id', 'more')).not.toThrow();
  });

  it('names what is missing and what may be meant', () => {
    expect(check('Site', 'user_id', 'at')).toThrow(
      'rows.csv lacks 2 of the 3 columns that shop takes: "site" (the file has "Site"), "user id" (the file has "user_id"). Add them',
    );
  });
});
