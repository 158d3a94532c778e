import { describe, expect, it } from 'vitest';
import { jsonInputs } from './json-inputs.ts';

const limits = { rows: 262_144, values: 4_194_304, bytes: 67_108_864 };
const columns = { columns: new Set(['site', 'price', 'constructor']), limits };

describe('jsonInputs', () => {
  it('reads rows that leave columns out, whatever the columns are called', () => {
    const { inputs } = jsonInputs({ instances: [{ site: 'a' }, { price: 2 }, { constructor: 'b' }] }, columns);
    expect(inputs).toEqual(
      new Map([
        ['site', { kind: 'mixed', values: ['a', null, null], shape: [3] }],
        ['price', { kind: 'mixed', values: [null, 2, null], shape: [3] }],
        ['constructor', { kind: 'mixed', values: [null, null, 'b'], shape: [3] }],
      ]),
    );
  });

  it('refuses a name that no column has at the first row that gives it', () => {
    const instances = Array.from({ length: 6000 }, (_, row) => ({ [`k${row}`]: 1 }));
    expect(() => jsonInputs({ instances }, columns)).toThrow(
      /input "k0" is no input of the model, which takes site, price/,
    );
    expect(() => jsonInputs({ inputs: { site: ['a'], k: [1] } }, columns)).toThrow(/input "k" is no input/);
  });

  it('refuses more rows than are answered at once in either format', () => {
    const many = Array.from({ length: 262_145 }, () => 1);
    const says = /"price" has 262145 rows: at most 262144 are answered at once/;
    expect(() => jsonInputs({ inputs: { price: many } }, columns)).toThrow(says);
    expect(() => jsonInputs({ instances: many.map((price) => ({ price })) }, columns)).toThrow(says);
  });

  it('refuses more values than are answered at once, before it makes them', () => {
    // 2^22 values are 4,096 rows of 1,024 columns; a row gives one of them.
    const wide = { columns: new Set(Array.from({ length: 1025 }, (_, n) => `c${n}`)), limits };
    const instances = Array.from({ length: 4096 }, (_, row) => ({ [`c${row % 1025}`]: 1 }));
    expect(() => jsonInputs({ instances }, wide)).toThrow(/"c1024" the request has 4198400 values/);
  });

  it('takes b64 for what it stands for, and refuses what is none, naming the row', () => {
    const { inputs } = jsonInputs({ inputs: { site: [{ b64: 'AP8=' }, { b64: '_w' }, { b64: '' }] } }, columns);
    expect(inputs.get('site')?.values).toEqual([Buffer.of(0, 255), Buffer.of(255), Buffer.of()]);
    for (const b64 of ['n o', '???', 'A', 'AAAA=AAA', 'AA=A'])
      expect(() => jsonInputs({ inputs: { site: ['a', { b64 }] } }, columns)).toThrow(/"site", row 1: .*b64/);
    expect(() => jsonInputs({ inputs: { site: [{ b64: 'AA==', more: 1 }] } }, columns)).toThrow(/row 0/);
  });
});
