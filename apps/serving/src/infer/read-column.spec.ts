import { describe, expect, it } from 'vitest';
import { valueVectors } from '@adstocrat/examples/testing';
import { BadInput } from './inference-failure.ts';
import { namesOf, readColumn, refuseNoTime } from './read-column.ts';
import type { InputTensor, MixedValue, TensorValues } from './tensor.ts';

const tensor = (values: TensorValues): InputTensor => ({ ...values, shape: [values.values.length] });
const mixed = (...values: readonly MixedValue[]): InputTensor => tensor({ kind: 'mixed', values });
const read = (type: 'string' | 'integer' | 'float', input: InputTensor, rows = input.values.length) =>
  readColumn('x', type, input, { from: 0, to: rows }).values;

describe('readColumn', () => {
  it.each(valueVectors)('reads $raw as everything that reads values does', ({ raw = null, text, integer, float }) => {
    // As JSON has it, and texts also as the bytes of a tensor.
    const inputs =
      typeof raw === 'string' ? [mixed(raw), tensor({ kind: 'bytes', values: [Buffer.from(raw)] })] : [mixed(raw)];
    for (const input of inputs)
      for (const [type, expected] of [
        ['string', text],
        ['integer', integer],
        ['float', float],
      ] as const)
        if (expected === undefined) expect(() => read(type, input)).toThrow(BadInput);
        else if (type === 'string') expect(read(type, input)).toEqual([expected]);
        // 0 is added to tell 0 and −0 alike, as the model does.
        else expect((read(type, input)[0] as number) + 0).toBe(expected ?? NaN);
  });

  it.each<['string' | 'integer' | 'float', MixedValue, string]>([
    ['float', '0x10', '"0x10" is no finite number, and the column is float'],
    ['integer', 30.7, '30.7 is no whole number, and the column is integer'],
    ['integer', 2n ** 53n + 1n, '9007199254740993 is beyond 2^53, and the column is integer'],
    ['string', 'a\0', '"a\\u0000" holds a NUL, and the column is string'],
    ['string', Buffer.of(0xff), 'these bytes are no UTF-8'],
  ])('names the row of what is no %s: %s', (type, value, says) => {
    expect(() => read(type, mixed(1, value))).toThrow(`input "x", row 1: ${says}`);
  });

  it('keeps 64-bit ids apart in a column of texts', () => {
    const values = BigInt64Array.of(2n ** 62n, 2n ** 62n + 1n, -(2n ** 63n));
    expect(read('string', tensor({ kind: 'int', values }))).toEqual([
      '4611686018427387904',
      '4611686018427387905',
      '-9223372036854775808',
    ]);
  });

  // The nearest singles of these: 0.1 is 0.100000001490116 as one, and by ECMAScript's rule the digits are the fewest that tell it.
  it('spells a number of 32 bits as the shortest of those, in a column of texts', () => {
    // 88,402,700 is no single, and its nearest is the id 88,402,704.
    const singles = Float32Array.of(0.1, 1, 1e-5, 1e20, 88_402_704, -730_803_968, NaN);
    const due = ['0.1', '1', '0.00001', '100000000000000000000', '88402704', '-730803968', null];
    expect(read('string', tensor({ kind: 'float', values: singles }))).toEqual(due);
    expect(read('string', tensor({ kind: 'float', isSingle: true, values: [...singles] }))).toEqual(due);
    expect(read('string', tensor({ kind: 'float', values: [...singles] }))[0]).toBe('0.10000000149011612');
    expect(read('float', tensor({ kind: 'float', values: singles }))[0]).toBe(Math.fround(0.1));
    // As tf.Examples are, which name a kind value by value.
    const values = [Math.fround(0.1), 88_402_704, 'a', 2n ** 60n, null];
    const texts = ['0.1', '88402704', 'a', '1152921504606846976', null];
    expect(read('string', tensor({ kind: 'mixed', isSingle: true, values }))).toEqual(texts);
  });

  it('reads booleans held as bytes', () => {
    const values = Uint8Array.of(1, 0);
    expect(read('integer', tensor({ kind: 'bool', values }))).toEqual(Float64Array.of(1, 0));
    expect(read('string', tensor({ kind: 'bool', values }))).toEqual(['true', 'false']);
  });

  it('lets the last value stand for the rest of the rows', () => {
    expect(read('string', mixed('a', 'b'), 4)).toEqual(['a', 'b', 'b', 'b']);
    expect(read('float', mixed(1), 3)).toEqual(Float64Array.of(1, 1, 1));
  });

  it.each([
    [0, 2, ['a', 'b']],
    [1, 3, ['b', 'c']],
    [2, 5, ['c', 'c', 'c']],
    [3, 5, ['c', 'c']],
    [1, 1, []],
  ])('reads rows %d to %d alone, and counts them from the first of the request', (from, to, expected) => {
    expect(readColumn('x', 'string', mixed('a', 'b', 'c'), { from, to }).values).toEqual(expected);
    if (to > from) expect(() => readColumn('x', 'float', mixed(1, 2, 'c'), { from: 2, to: 9 })).toThrow('row 2');
  });
});

describe('namesOf', () => {
  it('keeps names as they are', () => {
    expect(namesOf('x', mixed('1.0', 'True', '', null, NaN, 5n, 7, Buffer.from('é')), { from: 0, to: 8 })).toEqual([
      '1.0',
      'True',
      null,
      null,
      null,
      '5',
      '7',
      'é',
    ]);
  });
});

describe('refuseNoTime', () => {
  it('takes times and what is missing, and nothing else', () => {
    refuseNoTime('t', { type: 'string', values: ['2026-04-01', '2026-04-01T10:00:00+02', '', ' ', null] });
    refuseNoTime('t', { type: 'integer', values: Float64Array.of(1) });
    refuseNoTime('t', { type: 'string', values: ['31.12.2025 10:20', null] }, 'dd.mm.yyyy');
    expect(() => refuseNoTime('t', { type: 'string', values: ['2026-04-01'] }, 'dd.mm.yyyy')).toThrow(
      /"2026-04-01" is no time: dd.mm.yyyy is expected/,
    );
    for (const text of ['yesterday', '2026-02-30'])
      expect(() => refuseNoTime('t', { type: 'string', values: [null, text] })).toThrow(
        `input "t", row 1: "${text}" is no time`,
      );
  });
});
