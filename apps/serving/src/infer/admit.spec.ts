import { describe, expect, it } from 'vitest';
import { Cancelled } from '@adstocrat/service-kit';
import { admit } from './admit.ts';
import { BadInput, DeadlineExceeded, TooLarge } from './inference-failure.ts';
import type { InferenceRequest } from './inference-request.ts';
import type { InputTensor } from './tensor.ts';

const columns = new Set(Array.from({ length: 20 }, (_, n) => `c${n}`));
const limits = { rows: 262_144, values: 4_194_304, bytes: 64 * 1024 * 1024, valueBytes: 65_536, pixels: 1e8 };
const request = (inputs: Readonly<Record<string, InputTensor>>): InferenceRequest => ({
  protocol: 'v2-grpc',
  model: 'ads',
  inputs: new Map(Object.entries(inputs)),
  log: true,
  wantsIds: false,
  signal: new AbortController().signal,
});
const float = (...shape: readonly number[]): InputTensor => ({ kind: 'float', values: [1], shape });
const text = (length: number, rows: number): InputTensor => ({
  kind: 'bytes',
  values: [Buffer.alloc(length, 'x')],
  shape: [rows],
});

describe('admit', () => {
  it.each([
    ['a scalar', float(), 1],
    ['a vector', float(3), 3],
    ['a column', float(3, 1), 3],
    ['no row', { kind: 'float', values: [], shape: [0] } as InputTensor, 0],
  ])('says how many rows %s has', (_, tensor, rows) => {
    expect(admit(request({ c1: tensor }), { columns }, limits)).toBe(rows);
  });

  it.each<[string, Readonly<Record<string, InputTensor>>, RegExp]>([
    ['no input', {}, /no input/],
    ['a name that no column has', { c1: float(1), other: float(1) }, /"other" is no input of the model/],
    ['a matrix', { c1: float(2, 2) }, /"c1" has shape \[2, 2\]/],
    ['less than nothing', { c1: float(-1) }, /shape \[-1\]/],
    [
      'more values than rows',
      { c1: { kind: 'int', values: [1, 2, 3], shape: [2] } },
      /holds 3 values, its shape says 2/,
    ],
    ['rows of nothing', { c1: { kind: 'int', values: [], shape: [2] } }, /holds 0 values/],
    ['uneven inputs', { c1: float(2), c2: float(3) }, /"c1" has 2, "c2" has 3/],
  ])('refuses %s', (_, inputs, says) => {
    expect(() => admit(request(inputs), { columns }, limits)).toThrow(BadInput);
    expect(() => admit(request(inputs), { columns }, limits)).toThrow(says);
  });

  it.each<[string, Readonly<Record<string, InputTensor>>, RegExp]>([
    ['rows', { c1: float(262_145) }, /"c1" has 262145 rows: at most 262144/],
    ['rows beyond any number', { c1: float(2 ** 63) }, /at most 262144/],
    // 2^22 values are 16 inputs of 2^18 rows.
    [
      'values',
      Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`c${n}`, float(262_144)])),
      /"c16" the request has 4456448 values/,
    ],
    ['bytes', { c1: text(257, 262_144) }, /have 67371008 bytes/],
    ['bytes of one value', { c1: text(65_537, 1) }, /"c1", row 0 has 65537 bytes: a value has at most 65536/],
  ])('refuses more %s than are answered at once', (_, inputs, says) => {
    expect(() => admit(request(inputs), { columns }, limits)).toThrow(TooLarge);
    expect(() => admit(request(inputs), { columns }, limits)).toThrow(says);
  });

  it('says of a matrix how a list is sent where the column is read as one', () => {
    const lists = new Map([['c1', ';']]);
    expect(() => admit(request({ c1: float(2, 2) }), { columns, lists }, limits)).toThrow(
      /\[rows\] is expected, or \[\] for one row: several values of a row are one text, with ";" between them/,
    );
  });

  it('refuses what nobody waits for', () => {
    const late = { ...request({ c1: float(1) }), deadlineMs: Date.now() - 1 };
    expect(() => admit(late, { columns }, limits)).toThrow(DeadlineExceeded);
    const gone = { ...request({ c1: float(1) }), signal: AbortSignal.abort() };
    expect(() => admit(gone, { columns }, limits)).toThrow(Cancelled);
  });
});
