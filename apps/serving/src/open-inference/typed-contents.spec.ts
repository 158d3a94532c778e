import { describe, expect, it } from 'vitest';
import { openInference as v2 } from '@adstocrat/schemas';
import { holdsValues, typedValues } from './typed-contents.ts';

const contents = (given: Partial<v2.InferTensorContents>): v2.InferTensorContents =>
  v2.InferTensorContents.create(given);

describe('typedValues', () => {
  it('reads the field of the datatype', () => {
    const ids = [9007199254740993n, -1n];
    expect(typedValues('x', 'INT64', 2, contents({ int64Contents: ids }))).toEqual({ kind: 'int', values: ids });
    expect(typedValues('x', 'INT8', 1, contents({ intContents: [-128] }))).toEqual({ kind: 'int', values: [-128] });
    expect(typedValues('x', 'BOOL', 1, contents({ boolContents: [true] }))).toEqual({ kind: 'bool', values: [true] });
    expect(typedValues('x', 'FP32', 0, undefined)).toEqual({ kind: 'float', values: [] });
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
    expect(() => typedValues('x', datatype, 1, contents(given as unknown as v2.InferTensorContents))).toThrow(says);
  });

  it('knows contents without values', () => {
    expect(holdsValues(undefined)).toBe(false);
    expect(holdsValues(contents({}))).toBe(false);
    expect(holdsValues(contents({ bytesContents: [Buffer.of()] }))).toBe(true);
  });
});
