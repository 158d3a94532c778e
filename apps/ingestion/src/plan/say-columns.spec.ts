import { expect, it } from 'vitest';
import { sayColumns } from './say-columns.ts';

it('names the columns of each type, without roles and what the task reads otherwise', () => {
  const columns = [
    { name: 'when', type: 'string' },
    { name: 'price', type: 'float', decimal: ',' },
    { name: 'tags', type: 'string' },
    { name: 'size', type: 'integer' },
    { name: 'constructor', type: 'string' },
  ] as const;
  expect(sayColumns(columns, { eventTime: 'when', features: { tags: 'list' } })).toEqual([
    'read as whole numbers: size',
    'read as numbers: price',
    'read as texts: constructor',
  ]);
});

it('names twenty of a type at most', () => {
  const columns = Array.from({ length: 1000 }, (_, at) => ({ name: `c${at}`, type: 'float' as const }));
  const [line, ...rest] = sayColumns(columns, { features: {} });
  expect([line?.endsWith(', c18, c19 and 980 more'), rest]).toEqual([true, []]);
});
