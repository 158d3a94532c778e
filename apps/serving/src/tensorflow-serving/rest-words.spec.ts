import { describe, expect, it } from 'vitest';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { BadInput, UnknownLabel } from '../infer/inference-failure.ts';
import type { MixedValue } from '../infer/tensor.ts';
import { bodyWords, type ReadBody } from './rest-words.ts';

const { DataType } = tfs;
const dtypes = new Map<string, tfs.DataType>([
  ['n', DataType.DT_INT64],
  ['price', DataType.DT_FLOAT],
  ['site', DataType.DT_STRING],
]);
const body = (format: ReadBody['format'], name: string, value: MixedValue): ReadBody => ({
  format,
  inputs: new Map([[name, { kind: 'mixed', values: [null, value], shape: [2] }]]),
  dtypeOf: (one) => dtypes.get(one),
});
const said = (format: ReadBody['format'], name: string, value: MixedValue): string =>
  (bodyWords(new BadInput('value', name, 'is wrong', 1), body(format, name, value)) as Error).message;

describe('bodyWords', () => {
  it.each([
    ['n', 30.7, 'JSON Value: 30.7 Type: Number is not of expected type: int64'],
    ['n', 'x', 'JSON Value: "x" Type: String is not of expected type: int64'],
    ['n', true, 'JSON Value: true Type: True is not of expected type: int64'],
    ['price', 'dear', 'JSON Value: "dear" Type: String is not of expected type: float'],
    ['price', false, 'JSON Value: false Type: False is not of expected type: float'],
  ])('says that the value of %s, %j, is of another type', (name, value, says) => {
    expect(said('column', name, value)).toBe(says);
    expect(said('row', name, value)).toBe(
      `Failed to process element: 1 key: ${name} of 'instances' list. Error: INVALID_ARGUMENT: ${says}`,
    );
  });

  it.each([
    ['n', 2n ** 60n],
    ['price', Infinity],
    ['site', 3],
  ])('leaves what is wrong with a %s of its type, %s, in its own words', (name, value) => {
    expect(said('column', name, value)).toBe(`input "${name}", row 1: is wrong`);
  });

  it('names an input that another version has', () => {
    const error = bodyWords(new BadInput('unknown', 'k', 'is no input'), body('column', 'n', 1));
    expect((error as Error).message).toBe('JSON object: does not have named input: k');
  });

  it('says what is wrong with the model, and lets others pass', () => {
    expect((bodyWords(new UnknownLabel('ads', 'l'), body('row', 'n', 1)) as Error).message).toBe(
      'Unrecognized servable version label: l',
    );
    const other = new Error('x');
    expect(bodyWords(other, body('row', 'n', 1))).toBe(other);
  });
});
