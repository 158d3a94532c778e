import { describe, expect, it } from 'vitest';
import { answeredIds } from './answered-ids.ts';
import { BadInput } from './inference-failure.ts';
import { PredictionIds } from './prediction-ids.ts';
import type { InputTensor, InputTensors } from './tensor.ts';

/** All of a request's, two rows at a time. */
function predictionIdsOf(inputs: InputTensors, rows: number, requestId?: string): readonly string[] {
  const ids = new PredictionIds(inputs, rows, requestId);
  const all: string[] = [];
  for (let from = 0; from < rows; from += 2) all.push(...ids.next({ from, to: Math.min(rows, from + 2) }));
  return all;
}

const idsOf = (input: InputTensor): readonly string[] =>
  predictionIdsOf(new Map([['prediction_id', input]]), input.shape[0] ?? 1);
const texts = (...values: readonly (string | null)[]): InputTensor => ({
  kind: 'mixed',
  values,
  shape: [values.length],
});
const bytes = (...values: readonly Uint8Array[]): InputTensor => ({ kind: 'bytes', values, shape: [values.length] });
const numbers = (...values: readonly number[]): InputTensor => ({ kind: 'float', values, shape: [values.length] });

describe('PredictionIds', () => {
  it('takes any printable ids of up to 256 bytes', () => {
    const ids = ['a', 'a,b', '%2C', ' ', 'пр-1', '文字', '🎈', 'x'.repeat(256), 'ü'.repeat(128)];
    expect(idsOf(texts(...ids))).toEqual(ids);
    expect(idsOf(bytes(...ids.map((id) => Buffer.from(id))))).toEqual(ids);
    expect(idsOf(numbers(17, 2 ** 53 - 1))).toEqual(['17', '9007199254740991']);
  });

  it('makes UUIDs of version 7 where none is given, all different', () => {
    const ids = [...idsOf(texts(null, '')), ...idsOf(numbers(NaN)), ...predictionIdsOf(new Map(), 2000)];
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(2003);
  });

  it('takes 64-bit integers exactly', () => {
    const values = [2n ** 63n - 1n, 2n ** 63n - 2n];
    expect(idsOf({ kind: 'int', values, shape: [2] })).toEqual(['9223372036854775807', '9223372036854775806']);
  });

  it("names rows after the request's id where they have none of their own", () => {
    expect(predictionIdsOf(new Map(), 2, 'r-7')).toEqual(['r-7/0', 'r-7/1']);
    expect(predictionIdsOf(new Map([['prediction_id', texts('a', null)]]), 2, 'r-7')).toEqual(['a', 'r-7/1']);
    expect(() => predictionIdsOf(new Map(), 1, 'a\0')).toThrow('row 0');
  });

  it('refuses one id for a million rows before it makes a million of it', () => {
    expect(() => idsOf({ kind: 'bytes', values: [Buffer.from('a')], shape: [1e6] })).toThrow('rows 0 and 999999');
  });

  it.each([
    ['a NUL', texts('fine', 'a\0b'), 'row 1: "a\\u0000b" is no id'],
    ['a line break', texts('a\nb'), 'row 0'],
    ['C1 controls', texts('a\u0085'), 'row 0'],
    ['a lone surrogate', texts('fine', 'fine too', 'a\ud800'), 'row 2'],
    ['257 bytes', texts('x'.repeat(257)), 'row 0: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… (257 characters)"'],
    ['257 bytes in fewer characters', texts(`${'ü'.repeat(128)}x`), 'row 0'],
    [
      'bytes that are no UTF-8',
      bytes(Buffer.from('fine'), Buffer.from([0xff, 0xfe])),
      'row 1: these bytes are no UTF-8',
    ],
    ['a number that is not exact', numbers(1, 2 ** 53), 'row 1: 9007199254740992 is no exact integer'],
    ['half a number', numbers(0.5), 'row 0: 0.5 is no exact integer'],
    ['one id twice', texts('a', 'b', null, 'b'), 'rows 1 and 3 have the same id "b"'],
  ])('refuses %s, naming the row', (_, input, says) => {
    expect(() => idsOf(input)).toThrow(BadInput);
    expect(() => idsOf(input)).toThrow(says);
  });
});

describe('answeredIds', () => {
  const ids = (count: number, length = 36): readonly string[] =>
    Array.from({ length: count }, () => 'i'.repeat(length));

  it('puts few ids into the header, each percent-encoded, and into the body too where it was asked for', () => {
    expect(answeredIds(['a,b', 'ü', 'c'], false)).toEqual({ header: 'a%2Cb,%C3%BC,c', inBody: false });
    expect(answeredIds(['a'], true)).toEqual({ header: 'a', inBody: true });
    expect(answeredIds(ids(32), false).inBody).toBe(false);
  });

  it.each([
    ['more than 32', ids(33)],
    // 16 × 256 bytes and 15 commas are more than 4,096.
    ['long ones', ids(16, 256)],
    // Each is percent-encoded into 9 bytes: 32 × 15 × 9 is 4,320.
    ['ones that are long once they are encoded', Array.from({ length: 32 }, () => '文'.repeat(15))],
  ])('puts %s into the body alone', (_, many) => {
    expect(answeredIds(many, false)).toEqual({ inBody: true });
  });

  it('puts none anywhere where there are none', () => {
    expect(answeredIds(undefined, true)).toEqual({ inBody: false });
  });
});
