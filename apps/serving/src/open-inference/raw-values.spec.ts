import { describe, expect, it } from 'vitest';
import { type Datatype, datatypeNames, traitsOf } from './datatype.ts';
import { rawBytes, rawNumbers, rawValues } from './raw-values.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const read = (datatype: Datatype, elements: number, data: Uint8Array): unknown[] =>
  Array.from(rawValues({ name: 'x', datatype, shape: [elements] }, elements, data).values as ArrayLike<unknown>);

describe('rawValues', () => {
  // Little-endian: numpy's array(…, dtype).tobytes().
  it.each<{ datatype: Datatype; data: string; values: unknown[] }>([
    { datatype: 'BOOL', data: '00 01', values: [0, 1] },
    { datatype: 'INT8', data: 'ff 7f', values: [-1, 127] },
    { datatype: 'UINT8', data: 'ff 7f', values: [255, 127] },
    { datatype: 'INT16', data: 'feff 0001', values: [-2, 256] },
    { datatype: 'UINT16', data: 'feff', values: [65534] },
    { datatype: 'INT32', data: '00000080', values: [-2147483648] },
    { datatype: 'UINT32', data: '00000080', values: [2147483648] },
    { datatype: 'INT64', data: '0100000000002000', values: [9007199254740993n] },
    { datatype: 'UINT64', data: 'ffffffffffffffff', values: [18446744073709551615n] },
    { datatype: 'FP16', data: '003c 00c0', values: [1, -2] },
    { datatype: 'BF16', data: '803f f7c2', values: [1, -123.5] },
    { datatype: 'FP32', data: '0000c03f 0000c07f', values: [1.5, NaN] },
    { datatype: 'FP64', data: '9a9999999999b93f', values: [0.1] },
    {
      datatype: 'BYTES',
      data: '02000000 6869 00000000 01000000 ff',
      values: [hex('6869'), hex(''), hex('ff')],
    },
  ])('reads $datatype', ({ datatype, data, values }) => {
    expect(read(datatype, values.length, hex(data))).toEqual(values);
    // The same at an odd place in a larger buffer, as a body is.
    const moved = Buffer.concat([Buffer.of(0), hex(data)]).subarray(1);
    expect(read(datatype, values.length, moved)).toEqual(values);
  });

  it.each(datatypeNames)('refuses %s data of another length, however many elements are said', (datatype) => {
    const bytes = traitsOf(datatype).bytes || 4;
    const data = Buffer.alloc(3 * bytes);
    expect(read(datatype, 3, data)).toHaveLength(3);
    for (const elements of [0, 2, 4, 1e12, Number.MAX_SAFE_INTEGER])
      expect(() => read(datatype, elements, data)).toThrow(/^input "x" has \d+ bytes of data/);
    expect(() => read(datatype, 3, data.subarray(1))).toThrow(/^input "x" has \d+ bytes of data/);
  });

  it('refuses a byte of a BOOL that is no boolean, naming the row', () => {
    const tensor = { name: 'x', datatype: 'BOOL', shape: [2, 3] } as const;
    expect(() => rawValues(tensor, 6, hex('00 01 00 01 02 ff'))).toThrow(
      'input "x", row 1: a byte of a bool is neither 0 nor 1',
    );
    expect(() => read('BOOL', 2, hex('02 00'))).toThrow(/row 0/);
  });

  it('refuses a length inside of BYTES that leaves the data', () => {
    expect(() => read('BYTES', 1, hex('ffffffff 00'))).toThrow(/not complete/);
    expect(() => read('BYTES', 2, hex('01000000 61 000000'))).toThrow(/not complete/);
    expect(() => read('BYTES', 1, hex('01000000 61 00'))).toThrow(/its 1 BYTES elements end at 5/);
  });

  it('reads what rawBytes and rawNumbers wrote', () => {
    let state = 7;
    const random = (below: number): number => (state = (state * 48_271) % 0x7fffffff) % below;
    for (let round = 0; round < 50; round += 1) {
      const values = Array.from({ length: random(20) }, () => Buffer.alloc(random(300), random(256)));
      expect(read('BYTES', values.length, rawBytes(values))).toEqual(values);
      const floats = Float32Array.from({ length: random(20) }, () => random(1000) / 7);
      expect(read('FP32', floats.length, rawNumbers(floats))).toEqual([...floats]);
    }
  });
});
