import { describe, expect, it } from 'vitest';
import { type CellKind, cellKinds, type ColumnFacts, noDigitTimes } from '@adstocrat/statistics';
import { decimalIn, inferType } from './infer-type.ts';

/** A column with so many cells of each kind. */
function column(counts: Partial<Record<CellKind, number>>): ColumnFacts {
  const cells = Object.fromEntries(cellKinds.map((kind) => [kind, counts[kind] ?? 0])) as Record<CellKind, number>;
  const rows = Object.values(cells).reduce((sum, count) => sum + count, 0);
  const examples = Object.fromEntries(Object.keys(counts).map((kind) => [kind, `a ${kind}`]));
  return { name: 'c', rows, cells, examples, digitTimes: noDigitTimes, worded: 0, distinct: rows };
}

describe('inferType', () => {
  it.each<[why: string, cells: Partial<Record<CellKind, number>>, expected: object]>([
    ['whole numbers', { integer: 100 }, { type: 'integer', strays: 0 }],
    ['fractions among whole numbers', { integer: 99, decimal: 1 }, { type: 'float', strays: 0 }],
    [
      'numbers with words for missing',
      { decimal: 100, word: 900, empty: 50 },
      { type: 'float', strays: 0, words: 900 },
    ],
    [
      'one odd cell among many numbers',
      { integer: 11_999, text: 1 },
      { type: 'integer', strays: 1, example: 'a text' },
    ],
    ['one odd cell among few numbers', { integer: 4, text: 1 }, { type: 'integer', strays: 1 }],
    ['one number and one word', { integer: 1, text: 1 }, { type: 'integer', strays: 1 }],
    ['a word among two', { integer: 1, text: 2 }, { type: 'string', numbers: 1 }],
    ['as many strays as are tolerated', { decimal: 990, text: 10 }, { type: 'float', strays: 10 }],
    ['one stray more', { decimal: 989, text: 11 }, { type: 'string', strays: 0, numbers: 989 }],
    ['infinite ones', { decimal: 1000, infinite: 3 }, { type: 'float', strays: 3, example: 'a infinite' }],
    ['codes', { integer: 90, padded: 10 }, { type: 'string' }],
    ['a code among numbers', { integer: 999, padded: 1 }, { type: 'integer', strays: 0 }],
    ['ids beyond 2^53', { integer: 10, big: 90 }, { type: 'string' }],
    ['one of them among small numbers', { integer: 999, big: 1 }, { type: 'integer', strays: 1, example: 'a big' }],
    ['large numbers among fractions', { decimal: 50, big: 50 }, { type: 'float', strays: 0 }],
    ['decimal commas', { comma: 90, grouped: 5, integer: 5 }, { type: 'float', decimal: ',', strays: 0 }],
    ['groups of three alone, which may be thousands', { grouped: 100 }, { type: 'string' }],
    [
      'decimal commas with points of thousands',
      { comma: 990, pointed: 8, thousands: 2 },
      { type: 'float', decimal: ',', strays: 0 },
    ],
    ['thousands with a few decimal commas', { pointed: 900, comma: 100 }, { type: 'float', decimal: ',', strays: 0 }],
    ['points before three digits alone', { pointed: 100 }, { type: 'float', decimal: '.', strays: 0 }],
    ['those with a stray comma', { pointed: 999, comma: 1 }, { type: 'float', decimal: '.', strays: 1 }],
    ['one of those and one comma', { pointed: 1, comma: 1 }, { type: 'float', decimal: ',', strays: 0 }],
    ['a thousand beside a number with a comma', { integer: 1, pointed: 1, comma: 3 }, { decimal: ',', strays: 0 }],
    ['points before six digits alone', { thousands: 100 }, { type: 'string' }],
    ['points with a stray comma', { decimal: 999, comma: 1 }, { type: 'float', decimal: '.', strays: 1 }],
    ['nothing', { empty: 10 }, { type: 'string', empty: true }],
    ['words for missing alone', { word: 10 }, { type: 'string', empty: false }],
    ['text', { text: 10 }, { type: 'string', strays: 0 }],
  ])('takes %s', (_why, cells, expected) => {
    expect(inferType(column(cells), { tolerate: 0.01 })).toMatchObject(expected);
  });

  it('has numbers of a model’s column read as its cells say, else as the examples were written', () => {
    const comma = { decimal: ',' } as const;
    expect(decimalIn(column({ pointed: 9 }), {})).toBe('.');
    expect(decimalIn(column({ pointed: 9 }), comma)).toBe(',');
    expect(decimalIn(column({ grouped: 9 }), comma)).toBe(',');
    expect(decimalIn(column({ decimal: 9 }), comma)).toBe('.');
    expect(decimalIn(column({ comma: 9, pointed: 90 }), {})).toBe(',');
    expect(decimalIn(undefined, comma)).toBe(',');
  });

  it('loses no name of a column of names', () => {
    const exact = (cells: Partial<Record<CellKind, number>>) =>
      inferType(column(cells), { tolerate: 0.01, use: 'exact' }).type;
    expect(exact({ integer: 100, empty: 3 })).toBe('integer');
    expect(exact({ integer: 11_999, text: 1 })).toBe('string');
    expect(exact({ integer: 11_999, padded: 1 })).toBe('string');
    expect(exact({ integer: 11_999, word: 1 })).toBe('string');
    expect(exact({ integer: 11_999, big: 1 })).toBe('string');
  });

  it('takes a column for numbers where that is declared', () => {
    const cells = column({ decimal: 10, text: 90, padded: 5, big: 1 });
    expect(inferType(cells, { tolerate: 0.01, use: 'numeric' })).toMatchObject({
      type: 'float',
      strays: 90,
      numbers: 16,
    });
    expect(inferType(column({ text: 9 }), { tolerate: 0.01, use: 'numeric' })).toMatchObject({ type: 'string' });
  });

  it('goes by the decimal that is declared where the cells do not tell', () => {
    const read = (cells: Partial<Record<CellKind, number>>, decimal: '.' | ',') =>
      inferType(column(cells), { tolerate: 0.01, decimal });
    expect(read({ grouped: 9 }, ',')).toMatchObject({ type: 'float', decimal: ',' });
    expect(read({ pointed: 9, integer: 9 }, ',')).toMatchObject({ type: 'integer', decimal: ',' });
    expect(read({ thousands: 9 }, ',')).toMatchObject({ type: 'integer', decimal: ',' });
    expect(read({ decimal: 9, pointed: 1 }, ',')).toMatchObject({ type: 'float', decimal: '.' });
    expect(read({ comma: 9 }, '.')).toMatchObject({ type: 'string', decimal: '.' });
    expect(read({ pointed: 9 }, '.')).toMatchObject({ type: 'float', decimal: '.' });
  });
});
