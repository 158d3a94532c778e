import { describe, expect, it } from 'vitest';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import type { TensorValues } from '../infer/tensor.ts';
import { decodeTensor } from './decode-tensor.ts';

const { DataType } = tfs;
const shape = (...sizes: readonly number[]): tfs.TensorShapeProto => ({
  dim: sizes.map((size) => ({ size: BigInt(size), name: '' })),
  unknownRank: false,
});
const tensor = (change: Partial<tfs.TensorProto>): tfs.TensorProto =>
  tfs.TensorProto.create({ tensorShape: shape(2), ...change });
/** Little-endian bytes, written by DataView. */
function content(bytes: number, put: (view: DataView) => void): Buffer {
  const view = new DataView(new ArrayBuffer(bytes));
  put(view);
  return Buffer.from(view.buffer);
}

describe('decodeTensor', () => {
  it.each<[string, Partial<tfs.TensorProto>, TensorValues['kind'], readonly (number | bigint | boolean)[]]>([
    ['DT_FLOAT', { dtype: DataType.DT_FLOAT, floatVal: [1.5, NaN] }, 'float', [1.5, NaN]],
    ['DT_DOUBLE', { dtype: DataType.DT_DOUBLE, doubleVal: [1e300, 2] }, 'float', [1e300, 2]],
    ['DT_INT32', { dtype: DataType.DT_INT32, intVal: [-7, 7] }, 'int', [-7, 7]],
    ['DT_INT64', { dtype: DataType.DT_INT64, int64Val: [2n ** 63n - 1n, -1n] }, 'int', [2n ** 63n - 1n, -1n]],
    ['DT_BOOL', { dtype: DataType.DT_BOOL, boolVal: [true, false] }, 'bool', [true, false]],
    ['one value for all rows, as it is', { dtype: DataType.DT_FLOAT, floatVal: [3] }, 'float', [3]],
    [
      'float content',
      {
        dtype: DataType.DT_FLOAT,
        tensorContent: content(8, (view) => {
          view.setFloat32(0, 0.5, true);
          view.setFloat32(4, -2, true);
        }),
      },
      'float',
      [0.5, -2],
    ],
    [
      'int64 content',
      {
        dtype: DataType.DT_INT64,
        tensorContent: content(16, (view) => {
          view.setBigInt64(0, -5n, true);
          view.setBigInt64(8, 2n ** 63n - 1n, true);
        }),
      },
      'int',
      [-5n, 2n ** 63n - 1n],
    ],
    [
      'double content',
      {
        dtype: DataType.DT_DOUBLE,
        tensorContent: content(16, (view) => {
          view.setFloat64(0, 1e-9, true);
          view.setFloat64(8, 4, true);
        }),
      },
      'float',
      [1e-9, 4],
    ],
  ])('reads %s', (_, change, kind, values) => {
    const single = change.dtype === DataType.DT_FLOAT && { isSingle: true };
    expect(decodeTensor('x', tensor(change))).toEqual({ kind, values, shape: [2], ...single });
  });

  it('reads DT_STRING as bytes', () => {
    const stringVal = [Buffer.from('é'), Buffer.from([0xff, 0])];
    expect(decodeTensor('x', tensor({ dtype: DataType.DT_STRING, stringVal }))).toEqual({
      kind: 'bytes',
      values: stringVal,
      shape: [2],
    });
  });

  it.each<[string, Partial<tfs.TensorProto>, RegExp]>([
    ['short content', { dtype: DataType.DT_FLOAT, tensorContent: Buffer.alloc(7) }, /7 bytes, a value has 4/],
    ['bool content of another byte', { dtype: DataType.DT_BOOL, tensorContent: Buffer.of(0, 2) }, /row 1: .*0 nor 1/],
    [
      'bool content of another byte in a list',
      { dtype: DataType.DT_BOOL, tensorShape: shape(2, 3), tensorContent: Buffer.of(0, 1, 0, 1, 2, 0) },
      /row 1: .*0 nor 1/,
    ],
    ['a dtype it does not know', { dtype: DataType.DT_HALF, halfVal: [1, 2] }, /dtype 19/],
  ])('refuses %s, naming the input', (_, change, says) => {
    expect(() => decodeTensor('price', tensor(change))).toThrow(says);
    expect(() => decodeTensor('price', tensor(change))).toThrow(/"price"/);
  });
});
