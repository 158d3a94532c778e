import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commaCells, valueVectors } from '@adstocrat/examples/testing';
import { cellReader } from './typed-cell.ts';

const texts = valueVectors.flatMap((vector) =>
  typeof vector.raw === 'string' ? [{ ...vector, raw: vector.raw }] : [],
);

describe('cellReader', () => {
  it.each(texts)('reads $raw as numbers as everything that reads values does', ({ raw, integer, float }) => {
    const read = (type: 'integer' | 'float'): unknown => {
      const value = cellReader({ cell: 0, type }, undefined)(raw);
      // −0 is 0.
      return typeof value === 'number' ? value + 0 : value;
    };
    expect(read('integer')).toBe(integer ?? null);
    expect(read('float')).toBe(float ?? null);
  });

  it('keeps text as it stands, and nothing of an empty cell', () => {
    const read = cellReader({ cell: 0, type: 'string' }, undefined);
    expect([' 1.0', 'NA', '', null].map(read)).toEqual([' 1.0', 'NA', null, null]);
  });

  it('reads a comma for a point where the column has it', () => {
    const read = cellReader({ cell: 0, type: 'float', decimal: ',' }, undefined);
    for (const [cell, value] of commaCells) expect([cell, read(cell)]).toEqual([cell, value]);
  });

  it('gives one pseudonym to the spellings of one value, and none to what is missing', () => {
    const secret = Buffer.alloc(32, 7);
    const column = { cell: 0, type: 'string', personal: 'hash' } as const;
    const read = cellReader(column, { id: 'k', secret: secret.toString('hex') });
    const due = createHmac('sha256', secret).update('1').digest('hex').slice(0, 16);
    expect(['1', '1.0', '1.00', ''].map(read)).toEqual([`k-${due}`, `k-${due}`, `k-${due}`, null]);
    expect(() => cellReader(column, undefined)).toThrow(TypeError);
  });

  it('gives the lower end of a bucket', () => {
    const read = cellReader({ cell: 0, type: 'integer', personal: { bucket: 10 } }, undefined);
    expect(['37', '-1', '40.5', 'old'].map(read)).toEqual([30, -10, 40, null]);
  });
});
