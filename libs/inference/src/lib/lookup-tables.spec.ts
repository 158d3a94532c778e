import { describe, expect, it } from 'vitest';
import type { Column } from '@adstocrat/examples';
import { finish } from '@adstocrat/transforms';
import { LookupTables } from './lookup-tables.ts';

const tables = finish(
  LookupTables.indexing([
    {
      path: 'ads.csv',
      key: 'ad',
      keys: ['1', '2'],
      columns: {
        vertical: { type: 'string', values: ['travel', null] },
        price: { type: 'float', values: [9.5, 3] },
      },
    },
  ]),
);

describe('LookupTables', () => {
  it('fills by key what is left out or missing, and leaves what is given', () => {
    const ad: Column = { type: 'integer', values: Float64Array.of(1, 2, 1, 7, NaN) };
    const vertical: Column = { type: 'string', values: ['food', '', null, null, null] };
    const { columns } = tables.fill({
      rows: 5,
      columns: new Map<string, Column>([
        ['ad', ad],
        ['vertical', vertical],
      ]),
    });
    expect(columns.get('vertical')?.values).toEqual(['food', null, 'travel', null, null]);
    expect(columns.get('price')?.values).toEqual(Float64Array.of(9.5, 3, 9.5, NaN, NaN));
  });

  it('leaves a batch without the key as it is', () => {
    const batch = { rows: 1, columns: new Map<string, Column>([['site', { type: 'string', values: ['a'] }]]) };
    expect(tables.fill(batch).columns).toEqual(batch.columns);
  });
});
