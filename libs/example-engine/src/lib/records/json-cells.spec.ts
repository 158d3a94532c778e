import { describe, expect, it } from 'vitest';
import { BadJson, jsonCells, UndeclaredList } from './json-cells.ts';

const cells = (line: string, lists: Record<string, string | null> = {}): [string, string][] => [
  ...jsonCells(line, new Map(Object.entries(lists))),
];

describe('jsonCells', () => {
  it.each<[line: string, cells: [string, string][]]>([
    ['{}', []],
    [
      ' {"a" : 1 , "b":"x"} ',
      [
        ['a', '1'],
        ['b', 'x'],
      ],
    ],
    [
      '{"a":true,"b":false,"c":null}',
      [
        ['a', 'true'],
        ['b', 'false'],
        ['c', ''],
      ],
    ],
    // All digits of a whole number; anything else as JavaScript, and so a client of the server, writes it.
    [
      '{"a":9007199254740993,"b":1.10,"c":1.0,"d":1e3,"e":-0,"f":1e400,"g":1E-7}',
      [
        ['a', '9007199254740993'],
        ['b', '1.1'],
        ['c', '1'],
        ['d', '1000'],
        ['e', '0'],
        ['f', '1e400'],
        ['g', '1e-7'],
      ],
    ],
    [
      '{"a":NaN,"b":Infinity,"c":-Infinity}',
      [
        ['a', ''],
        ['b', 'Infinity'],
        ['c', '-Infinity'],
      ],
    ],
    [
      '{"user":{"age":3,"home":{"city":"Ulm"}},"x":{}}',
      [
        ['user.age', '3'],
        ['user.home.city', 'Ulm'],
      ],
    ],
    [
      String.raw`{"a":"q\"\\\u00e9\n","b\u0020":"ü"}`,
      [
        ['a', 'q"\\é\n'],
        ['b', 'ü'],
      ],
    ],
    [
      '{"__proto__":1,"constructor":2}',
      [
        ['__proto__', '1'],
        ['constructor', '2'],
      ],
    ],
  ])('reads %s', (line, expected) => {
    expect(cells(line)).toEqual(expected);
  });

  it.each<[line: string, reason: string, column?: string]>([
    ['[1]', 'not a JSON object'],
    ['"a"', 'not a JSON object'],
    ['a,b', 'not a JSON object'],
    ['{"a":1', 'not JSON: the line ends in the middle of it'],
    ['{"a":"x', 'not JSON: the line ends in the middle of it'],
    ['{"a":1,}', 'not JSON'],
    ['{a:1}', 'not JSON'],
    ["{'a':1}", 'not JSON'],
    ['{"a":undefined}', 'not JSON'],
    ['{"a":01}', 'not JSON: no number and no word it knows', 'a'],
    ['{"a":1.}', 'not JSON: no number and no word it knows', 'a'],
    ['{"a":1}{"a":2}', 'something follows the JSON object'],
    ['{"a":1,"a":2}', 'a key is there twice', 'a'],
    ['{"a.b":1,"a":{"b":2}}', 'a key is there twice', 'a.b'],
    ['{"a ":1,"a":2}', 'a key is there twice', 'a'],
    ['{"":1}', 'a key without a name'],
    [String.raw`{"a":"x\u0000"}`, 'holds a NUL character', 'a'],
    ['{"a":"x\ty"}', 'not JSON: a control character in a text must be escaped'],
    [String.raw`{"a":"\x"}`, 'not JSON: a backslash in a text that escapes nothing'],
    [
      `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
      'objects within objects, more than 16 deep',
      Array(16).fill('a').join('.'),
    ],
  ])('says of %s: %s', (line, reason, column) => {
    const read = (): unknown => cells(line);
    expect(read).toThrow(BadJson);
    expect(read).toThrow(reason);
    try {
      read();
    } catch (error) {
      expect((error as BadJson).column).toBe(column);
    }
  });

  it('reads an array as its column says, and no other', () => {
    expect(cells('{"t":["a",2,null,true]}', { t: '|' })).toEqual([['t', 'a|2|true']]);
    expect(cells('{"t":[]}', { t: '|' })).toEqual([['t', '']]);
    expect(cells('{"t":["a"]}', { t: null })).toEqual([['t', '']]);
    expect(() => cells('{"t":["a"]}')).toThrow(UndeclaredList);
    expect(() => cells('{"t":["a|b"]}', { t: '|' })).toThrow('a value of an array holds "|"');
    expect(() => cells('{"t":[["a"]]}', { t: '|' })).toThrow('an array holds more than plain values');
  });

  it('refuses the line of an array that is refused, for the reason that is said', () => {
    const lists = new Map([['t', { refused: 'is one value' }]]);
    for (const line of ['{"t":["a"]}', '{"u":1,"t":[{}]}'])
      expect(() => jsonCells(line, lists)).toThrow(new BadJson('is one value', 't'));
    expect([...jsonCells('{"t":"a"}', lists)]).toEqual([['t', 'a']]);
  });

  it('passes by an array that is left out, whatever it holds', () => {
    const inside = String.raw`[{"id":1,"at":[[],{}],"say":"]}\"["},[2.5,null],"x"]`;
    expect(cells(`{"t": ${inside} ,"u":1}`, { t: null })).toEqual([
      ['t', ''],
      ['u', '1'],
    ]);
    for (const broken of ['{"t":[{"id":1]}', '{"t":[{"id":1}', '{"t":[', '{"t":[a]}'])
      expect(() => cells(broken, { t: null })).toThrow('not JSON');
  });

  it('says of an array that nothing is said of whether its values are plain', () => {
    const isDeep = (line: string): boolean | undefined => {
      try {
        cells(line);
      } catch (error) {
        return (error as UndeclaredList).isDeep;
      }
      return undefined;
    };
    expect(['{"t":["a"]}', '{"t":[]}', '{"t":[ {"id":1}]}', '{"t":[[1]]}'].map(isDeep)).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });
});
