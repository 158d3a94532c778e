import { describe, expect, it } from 'vitest';
import { parseExactJson } from './exact-json.ts';

describe('parseExactJson', () => {
  it.each([
    { text: '[1, -2.5, "a", null, true]', value: [1, -2.5, 'a', null, true] },
    { text: '[NaN, Infinity, -Infinity]', value: [NaN, Infinity, -Infinity] },
    {
      text: '{"NaN": "Infinity", "a": "say \\"NaN\\" -Infinity"}',
      value: { NaN: 'Infinity', a: 'say "NaN" -Infinity' },
    },
    { text: '["\\\\", NaN, "\\\\"]', value: ['\\', NaN, '\\'] },
    { text: '[9007199254740993, -9223372036854775808]', value: [9007199254740993n, -9223372036854775808n] },
    { text: '[9007199254740991, 1e20, 12345678901234567.5]', value: [9007199254740991, 1e20, 12345678901234567.5] },
    {
      text: '[0.12345678901234567,9007199254740993,-0.12345678901234567]',
      value: [0.12345678901234567, 9007199254740993n, -0.12345678901234567],
    },
    { text: '[-0.12345678901234567e-12, 0.1234567890123456]', value: [-0.12345678901234567e-12, 0.1234567890123456] },
    { text: '{"a":9007199254740993}', value: { a: 9007199254740993n } },
    { text: '[9007199254740993e2, 1e0000000000000001]', value: [900719925474099300, 10] },
    { text: '{"a": "9007199254740993"}', value: { a: '9007199254740993' } },
  ])('reads $text', ({ text, value }) => {
    expect(parseExactJson(text)).toEqual(value);
  });

  it.each(['', '{', '[nan]', '[+Infinity]', '[1NaN]', 'NaNa', "{'a': 1}", '[NaN NaN]'])('refuses %j', (text) => {
    expect(() => parseExactJson(text)).toThrow(SyntaxError);
  });

  it('survives nesting and long strings', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(() => parseExactJson(`[NaN, ${deep}]`)).toThrow(RangeError);
    const long = 'x\\"'.repeat(3_000_000);
    expect(parseExactJson(`["${long}", NaN]`)).toHaveLength(2);
  });

  it('makes no prototype of a key', () => {
    const value = parseExactJson('{"__proto__": {"a": NaN}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
  });

  it('does not take long for many digits', () => {
    expect(parseExactJson(`[${'9'.repeat(2_000_000)}]`)).toEqual([Infinity]);
  });
});
