import { describe, expect, it } from 'vitest';
import { jsonInputs } from './json-inputs.ts';

const columns = new Set(['site', 'price', 'constructor']);

describe('jsonInputs', () => {
  it('reads rows that leave columns out, whatever the columns are called', () => {
    const { inputs } = jsonInputs({ instances: [{ site: 'a' }, { price: 2 }, { constructor: 'b' }] }, columns);
    expect(inputs).toEqual(
      new Map([
        ['site', { kind: 'text', values: ['a', null, null] }],
        ['price', { kind: 'number', values: Float64Array.of(NaN, 2, NaN) }],
        ['constructor', { kind: 'text', values: [null, null, 'b'] }],
      ]),
    );
  });

  it('refuses a name that no column has at the first row that gives it', () => {
    const instances = Array.from({ length: 6000 }, (_, row) => ({ [`k${row}`]: 1 }));
    expect(() => jsonInputs({ instances }, columns)).toThrow(/no such input: "k0"\. The model takes site, price/);
    expect(() => jsonInputs({ inputs: { site: ['a'], k: [1] } }, columns)).toThrow(/no such input: "k"/);
  });

  it('refuses more rows than are answered at once in either format', () => {
    const many = Array.from({ length: 262_145 }, () => 1);
    const says = /"price" has 262145 rows: at most 262144 are answered at once/;
    expect(() => jsonInputs({ inputs: { price: many } }, columns)).toThrow(says);
    expect(() => jsonInputs({ instances: many.map((price) => ({ price })) }, columns)).toThrow(says);
  });

  it('refuses more values than are answered at once, before it makes them', () => {
    // 2^22 values are 4,096 rows of 1,024 columns; a row gives one of them.
    const wide = new Set(Array.from({ length: 1025 }, (_, n) => `c${n}`));
    const instances = Array.from({ length: 4096 }, (_, row) => ({ [`c${row % 1025}`]: 1 }));
    expect(() => jsonInputs({ instances }, wide)).toThrow(/"c1024" the request has 4198400 values/);
  });
});
