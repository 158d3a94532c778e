import { describe, expect, it } from 'vitest';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { decodeTensor, decodeTensors } from './decode-tensor.ts';

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
  it.each<[string, Partial<tfs.TensorProto>, readonly number[]]>([
    ['DT_FLOAT', { dtype: DataType.DT_FLOAT, floatVal: [1.5, NaN] }, [1.5, NaN]],
    ['DT_DOUBLE', { dtype: DataType.DT_DOUBLE, doubleVal: [1e300, 2] }, [1e300, 2]],
    ['DT_INT32', { dtype: DataType.DT_INT32, intVal: [-7, 7] }, [-7, 7]],
    ['DT_INT64', { dtype: DataType.DT_INT64, int64Val: [2n ** 52n, -1n] }, [2 ** 52, -1]],
    ['DT_BOOL', { dtype: DataType.DT_BOOL, boolVal: [true, false] }, [1, 0]],
    ['one value for all rows', { dtype: DataType.DT_FLOAT, floatVal: [3] }, [3, 3]],
    ['a scalar as one row', { dtype: DataType.DT_FLOAT, floatVal: [3], tensorShape: shape() }, [3]],
    [
      'float content',
      {
        dtype: DataType.DT_FLOAT,
        tensorContent: content(8, (view) => {
          view.setFloat32(0, 0.5, true);
          view.setFloat32(4, -2, true);
        }),
      },
      [0.5, -2],
    ],
    [
      'int64 content',
      {
        dtype: DataType.DT_INT64,
        tensorContent: content(16, (view) => {
          view.setBigInt64(0, -5n, true);
          view.setBigInt64(8, 9n, true);
        }),
      },
      [-5, 9],
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
      [1e-9, 4],
    ],
  ])('reads %s', (_, change, values) => {
    expect(decodeTensor('x', tensor(change))).toEqual({ kind: 'number', values: Float64Array.from(values) });
  });

  it('reads DT_STRING as bytes', () => {
    const stringVal = [Buffer.from('é'), Buffer.from([0xff, 0])];
    expect(decodeTensor('x', tensor({ dtype: DataType.DT_STRING, stringVal }))).toEqual({
      kind: 'bytes',
      values: stringVal,
    });
  });

  it.each<[string, Partial<tfs.TensorProto>, RegExp]>([
    ['too many values', { dtype: DataType.DT_FLOAT, floatVal: [1, 2, 3] }, /holds 3 values, its shape says 2/],
    ['no values', { dtype: DataType.DT_FLOAT }, /holds 0 values/],
    ['a matrix', { dtype: DataType.DT_FLOAT, floatVal: [1], tensorShape: shape(2, 2) }, /shape \[2, 2\]/],
    ['short content', { dtype: DataType.DT_FLOAT, tensorContent: Buffer.alloc(7) }, /7 bytes, 2 rows need 8/],
    ['a dtype it does not know', { dtype: DataType.DT_HALF, halfVal: [1, 2] }, /dtype 19/],
  ])('refuses %s, naming the input', (_, change, says) => {
    expect(() => decodeTensor('price', tensor(change))).toThrow(says);
    expect(() => decodeTensor('price', tensor(change))).toThrow(/"price"/);
  });
});

describe('decodeTensors', () => {
  const columns = new Set(Array.from({ length: 20 }, (_, n) => `c${n}`));
  const one = tensor({ dtype: DataType.DT_FLOAT, floatVal: [1], tensorShape: shape(262_144) });

  it('refuses names that no column has, whatever their shapes say', () => {
    expect(() =>
      decodeTensors(
        new Map([
          ['c1', one],
          ['other', one],
        ]),
        columns,
      ),
    ).toThrow(/no such input: "other"/);
  });

  it('refuses rows and values that only the shapes make many', () => {
    const rows = tensor({ dtype: DataType.DT_FLOAT, floatVal: [1], tensorShape: shape(262_145) });
    expect(() => decodeTensors(new Map([['c1', rows]]), columns)).toThrow(/"c1" has 262145 rows: at most 262144/);
    // 2^22 values are 16 inputs of 2^18 rows.
    const all = new Map(Array.from({ length: 17 }, (_, n) => [`c${n}`, one]));
    expect(() => decodeTensors(all, columns)).toThrow(/"c16" the request has 4456448 values/);
  });

  it('refuses a long string that stands for many rows', () => {
    const long = tensor({
      dtype: DataType.DT_STRING,
      stringVal: [Buffer.alloc(257, 'x')],
      tensorShape: shape(262_144),
    });
    expect(() => decodeTensors(new Map([['c1', long]]), columns)).toThrow(/have 67371008 bytes/);
  });
});
