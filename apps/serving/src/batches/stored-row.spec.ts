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
    { what: 'nothing', values: [] },
  ])('keeps a list of $what as a batch reads it, and a request that is answered now', ({ values }) => {
    const list = new ListValue(values);
    const row = storedRow({ features: [['tags', list]], predictionId: 'p' }, 0, () => '|');
    const read = jsonCells(JSON.stringify(row), new Map([['tags', '|']]));
    expect(textOf(read.get('tags'))).toBe(textOf(joinedList(list, { input: 'tags', row: 0, separator: '|' })));
    expect(read.get('prediction_id')).toBe('p');
  });

  it('keeps integers of 64 bits, and nothing of a list that no feature reads', () => {
    const features: [string, MixedValue | ListValue][] = [
      ['big', 9007199254740993n],
      ['none', NaN],
      ['left', new ListValue(['a'])],
    ];
    expect(storedRow({ features, predictionId: '' }, 0, () => null)).toEqual({
      big: '9007199254740993',
      none: null,
      left: null,
      prediction_id: null,
    });
  });
});
