import { describe, expect, it } from 'vitest';
import { openInference as v2 } from '@adstocrat/schemas';
import { holdsValues, typedValues } from './typed-contents.ts';

const contents = (given: Partial<v2.InferTensorContents>): v2.InferTensorContents =>
  v2.InferTensorContents.create(given);

describe('typedValues', () => {
  it('reads the field of the datatype', () => {
    const ids = [9007199254740993n, -1n];
    expect(typedValues({ name: 'x', datatype: 'INT64', shape: [2] }, 2, contents({ int64Contents: ids }))).toEqual({
      kind: 'int',
      values: ids,
    });
    expect(typedValues({ name: 'x', datatype: 'INT8', shape: [1] }, 1, contents({ intContents: [-128] }))).toEqual({
      kind: 'int',
      values: [-128],
    });
    expect(typedValues({ name: 'x', datatype: 'BOOL', shape: [1] }, 1, contents({ boolContents: [true] }))).toEqual({
      kind: 'bool',
      values: [true],
    });
    expect(typedValues({ name: 'x', datatype: 'FP32', shape: [0] }, 0, undefined)).toEqual({
      kind: 'float',
      isSingle: true,
      values: [],
    });
  });

  it.each([
    { why: 'another field', datatype: 'FP32', given: { fp64Contents: [1] }, says: /fp64_contents.*fp32_contents/ },
    {
      why: 'another field beside',
      datatype: 'FP32',
      given: { fp32Contents: [1], boolContents: [true] },
      says: /bool_contents/,
    },
    { why: 'FP16', datatype: 'FP16', given: { fp32Contents: [1] }, says: /raw_input_contents/ },
    { why: 'too few', datatype: 'FP32', given: {}, says: /holds 0 elements, its shape says 1/ },
    { why: 'too many', datatype: 'INT64', given: { int64Contents: [1n, 2n] }, says: /holds 2 elements/ },
    { why: 'an INT8 of 128', datatype: 'INT8', given: { intContents: [128] }, says: /row 0: 128 is no INT8/ },
    { why: 'a UINT16 of 65536', datatype: 'UINT16', given: { uintContents: [65_536] }, says: /65536 is no UINT16/ },
  ] as const)('refuses $why', ({ datatype, given, says }) => {
    expect(() =>
      typedValues({ name: 'x', datatype, shape: [1] }, 1, contents(given as unknown as v2.InferTensorContents)),
    ).toThrow(says);
  });

  it('names the row of an element, of which one may have several', () => {
    const given = contents({ intContents: [0, 0, 0, 0, 300, 0] });
    expect(() => typedValues({ name: 'x', datatype: 'INT8', shape: [2, 3] }, 6, given)).toThrow(
      'input "x", row 1: 300 is no INT8',
    );
  });

  it('knows contents without values', () => {
    expect(holdsValues(undefined)).toBe(false);
    expect(holdsValues(contents({}))).toBe(false);
    expect(holdsValues(contents({ bytesContents: [Buffer.of()] }))).toBe(true);
  });
});
