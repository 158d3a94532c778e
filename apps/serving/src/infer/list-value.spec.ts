import { describe, expect, it } from 'vitest';
import { jsonCells } from '@adstocrat/example-engine';
import { textOf } from '@adstocrat/examples';
import { parseExactJson } from '../json/exact-json.ts';
import { BadInput } from './inference-failure.ts';
import { joinedList, ListValue } from './list-value.ts';
import type { MixedValue } from './tensor.ts';

const at = { input: 'tags', row: 3, separator: '|' };
const joined = (values: readonly MixedValue[], separator: string | null | undefined = '|'): string | null =>
  joinedList(new ListValue(values), { ...at, separator });

describe('joinedList', () => {
  it.each([
    '["news", "games"]',
    '[]',
    '[null, "a", "", "b"]',
    '[1, 2.50, -0, 1e3, 0.1, 9007199254740993]',
    '[1e20, 2.5, 9007199254740993.0, 1e21, 1e-7, 0.000001]',
    '[true, "x", false]',
    '[" a ", "höhe"]',
    '["True"]',
    '[3.0]',
  ])('makes of %s what training makes of the same line', (array) => {
    const trained = jsonCells(`{"tags": ${array}}`, new Map([['tags', '|']])).get('tags');
    expect(textOf(joined(parseExactJson(array) as MixedValue[]))).toEqual(textOf(trained));
  });

  it('joins with what the model has between values, bytes as UTF-8', () => {
    expect(joined([Buffer.from('a'), 'b|c'], '; ')).toBe('a; b|c');
    expect(joined(['a'], null)).toBeNull();
  });

  it('takes a list of one value for that value, whatever it holds', () => {
    expect(joined(['a|b'])).toBe('a|b');
  });

  it.each([
    { why: 'a value holds what stands between values', values: ['a|b', 'c'], says: 'a value of the list holds "|"' },
    { why: 'bytes are no UTF-8', values: [Buffer.of(0xff), 'c'], says: 'these bytes are no UTF-8' },
  ])('refuses it where $why', ({ values, says }) => {
    expect(() => joined(values)).toThrow(BadInput);
    expect(() => joined(values)).toThrow(`input "tags", row 3: ${says}`);
  });

  it('refuses a list in a column that is read as one value', () => {
    expect(() => joinedList(new ListValue(['a', 'b']), { ...at, separator: undefined })).toThrow(
      'input "tags", row 3: holds a list, and the model reads this column as one value',
    );
  });

  it('counts the bytes of its texts with what stands between them', () => {
    expect(new ListValue(['news', Buffer.from('ab'), 7n, null]).length).toBe(4 + 2 + 1 + 1 + 4);
  });
});
