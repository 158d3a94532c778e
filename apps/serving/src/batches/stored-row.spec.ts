import { describe, expect, it } from 'vitest';
import { jsonCells } from '@adstocrat/example-engine';
import { textOf } from '@adstocrat/examples';
import { joinedList, ListValue } from '../infer/list-value.ts';
import type { MixedValue } from '../infer/tensor.ts';
import { storedRow } from './stored-row.ts';

describe('storedRow', () => {
  it.each<{ readonly what: string; readonly values: readonly MixedValue[] }>([
    { what: 'several values', values: ['a', 2.5, 9007199254740993n, true, null, 1e20] },
    { what: 'one value that is joined already', values: ['a|b'] },
    { what: 'bytes of UTF-8', values: [Buffer.from('höhe'), 'b'] },
    { what: 'values with blanks and one that is missing', values: [' a', 'b c ', NaN, ''] },
    { what: 'nothing', values: [] },
  ])(
    'keeps a list of $what as a request has it that is answered now, by a version with any separator',
    ({ values }) => {
      const list = new ListValue(values);
      const stored = JSON.stringify(storedRow({ features: [['tags', list]], predictionId: 'p' }, 0));
      for (const separator of ['|', ';', ', ']) {
        const read = jsonCells(stored, new Map([['tags', separator]]));
        expect(textOf(read.get('tags'))).toBe(textOf(joinedList(list, { input: 'tags', row: 0, separator })));
        expect(read.get('prediction_id')).toBe('p');
      }
    },
  );

  it('is refused by a batch, as a request is, where the version has its separator within a value of a list', () => {
    const list = new ListValue(['a;b', 'c']);
    const stored = JSON.stringify(storedRow({ features: [['tags', list]], predictionId: 'p' }, 0));
    const says = /"?;"?, which stands between its values/;
    expect(() => jsonCells(stored, new Map([['tags', ';']]))).toThrow(says);
    expect(() => joinedList(list, { input: 'tags', row: 0, separator: ';' })).toThrow(says);
  });

  it('keeps integers of 64 bits, and lists that no feature of the version reads which checked them', () => {
    const features: [string, MixedValue | ListValue][] = [
      ['big', 9007199254740993n],
      ['none', NaN],
      ['left', new ListValue(['a', 2])],
    ];
    expect(storedRow({ features, predictionId: '' }, 0)).toEqual({
      big: '9007199254740993',
      none: null,
      left: ['a', '2'],
      prediction_id: null,
    });
  });
});
