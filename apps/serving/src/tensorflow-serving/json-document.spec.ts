import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDocument, JsonObject, type JsonValue } from './json-document.ts';

const read = (text: string): JsonValue => jsonDocument(Buffer.from(text));

/** As JSON.parse makes them. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonObject) {
    const made = {};
    for (const [at, name] of value.names.entries())
      Object.defineProperty(made, name, {
        value: plain(value.values[at] as JsonValue),
        enumerable: true,
        writable: true,
        configurable: true,
      });
    return made;
  }
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
}

describe('jsonDocument', () => {
  it('reads what JSON.parse reads', () => {
    const integers = fc.maxSafeInteger().map((value) => (Object.is(value, -0) ? 0 : value));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue({ maxDepth: 5 }), fc.array(integers)), fc.nat(4), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(plain(read(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  it.each([0, 255, 256, 257, 1000])(
    'reads strings and their escapes, and refuses control characters, behind %i units',
    (units) => {
      const before = 'ä'.repeat(units);
      const text = `["${before}", "${before}\\"\\n${before}", "${before}\\u00e4\\\\"]`;
      expect(read(text)).toEqual(JSON.parse(text));
      const bytes = 2 + 2 * units;
      expect(() => read(`["${before}\u0001"]`)).toThrow(`Invalid encoding in string. at offset: ${bytes}`);
      expect(() => read(`["${before}`)).toThrow(`Missing a closing quotation mark in string. at offset: ${bytes}`);
    },
  );

  it('reads lists of objects whose names are alike, longer, shorter, in another order or escaped', () => {
    const text =
      '[{"a":1,"b":2},{"a":1,"b":2},{"a":1},{"a":1,"b":2,"c":3},{"b":2,"a":1},{"a\\b":1},{"a\\b":2},{"a\\\\b":3},{},{"__proto__":{"x":1}}]';
    expect(plain(read(text))).toEqual(JSON.parse(text));
  });

  it('keeps every digit of an integer, and is a double beyond 64 bits, as in the original', () => {
    expect(read('[9007199254740991, 9007199254740993, -9223372036854775808, 18446744073709551615]')).toEqual([
      9007199254740991,
      9007199254740993n,
      -9223372036854775808n,
      18446744073709551615n,
    ]);
    expect(read('[18446744073709551616, -9223372036854775809]')).toEqual([2 ** 64, -(2 ** 63)]);
    expect(jsonDocument(Buffer.from('[1, 1.0, 1e0]'), { integersApart: true })).toEqual([1n, 1, 1]);
  });

  it('reads NaN and the infinities', () => {
    expect(read('[NaN, Infinity, -Infinity, Inf, -0.5e-3]')).toEqual([NaN, Infinity, -Infinity, Infinity, -0.0005]);
  });

  it('looks at nothing after the document, and at no byte order mark', () => {
    expect(read('\ufeff {} and more')).toEqual(new JsonObject([], []));
  });

  // The words are RapidJSON's, the offset the byte where it stops.
  it.each([
    ['', /^JSON Parse error: The document is empty$/],
    ['  ', 'The document is empty. at offset: 2'],
    ['{"instances": [', 'Invalid value. at offset: 15'],
    ['{"é": tru}', 'Invalid value. at offset: 10'],
    ['nul', 'Invalid value. at offset: 3'],
    ['[1 2]', 'Missing a comma or ] after an array element. at offset: 3'],
    ['[012]', 'Missing a comma or ] after an array element. at offset: 2'],
    ['{a: 1}', 'Missing a name for object member. at offset: 1'],
    ['{"a": 1,}', 'Missing a name for object member. at offset: 8'],
    ['{"a" 1}', 'Missing a colon after a name of object member. at offset: 5'],
    ['{"a": 1', 'Missing a comma or } after an object member. at offset: 7'],
    ['"abc', 'Missing a closing quotation mark in string. at offset: 4'],
    ['"a\\x"', 'Invalid escape character in string. at offset: 2'],
    ['"\\u12g4"', 'Incorrect hex digit after \\u escape in string. at offset: 1'],
    ['"\\ud800x"', 'The surrogate pair in string is invalid. at offset: 1'],
    ['"\\udc00"', 'The surrogate pair in string is invalid. at offset: 1'],
    ['"a\nb"', 'Invalid encoding in string. at offset: 2'],
    ['1.', 'Miss fraction part in number. at offset: 2'],
    ['1e+', 'Miss exponent in number. at offset: 3'],
    ['[1, 1e400]', 'Number too big to be stored in double. at offset: 4'],
    ['-', 'Invalid value. at offset: 1'],
    ['Nan', 'Invalid value. at offset: 2'],
    ['{"a": 1, "a": 2}', 'An object has the same name twice. at offset: 9'],
  ])('refuses %j', (text, says) => {
    expect(() => read(text)).toThrow(says);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => jsonDocument(Buffer.from([0x22, 0xff, 0x22]))).toThrow(/no UTF-8/);
  });

  it('refuses deep nesting before it takes memory', () => {
    expect(() => read('['.repeat(1_000_000))).toThrow(/deeper than 64. at offset: 64/);
    expect(() => read('{"a":'.repeat(1_000_000))).toThrow(/deeper than 64/);
    expect(plain(read(`${'['.repeat(64)}${']'.repeat(64)}`))).toBeDefined();
  });

  it('finds a name twice among many without a search for each', () => {
    const names = Array.from({ length: 100_000 }, (_, at) => `"n${at}": 0`);
    expect((read(`{${names.join(',')}}`) as JsonObject).names).toHaveLength(100_000);
    expect(() => read(`{${names.join(',')},"n77": 1}`)).toThrow(/the same name twice/);
  });
});
