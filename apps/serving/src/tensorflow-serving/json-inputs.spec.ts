import { describe, expect, it } from 'vitest';
import { InvalidRequest } from '@adstocrat/service-kit';
import { ListValue } from '../infer/list-value.ts';
import { type JsonInputs, jsonInputs } from './json-inputs.ts';
import { requestDocument } from './request-document.ts';

const limits = { rows: 262_144, values: 4_194_304, bytes: 67_108_864, valueBytes: 65_536, pixels: 1e8 };
const columns = {
  names: new Set(['site', 'price', 'constructor', '__proto__', 'tags']),
  lists: new Set(['tags']),
  limits,
};
const single = { names: new Set(['inputs']), lists: new Set<string>(), limits };
const read = (body: unknown, bounds = columns): JsonInputs =>
  jsonInputs(requestDocument(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))).body, bounds);

describe('jsonInputs', () => {
  it('reads rows that leave columns out, whatever the columns are called', () => {
    const { format, inputs } = read('{"instances": [{"site": "a"}, {"price": 2}, {"__proto__": "b"}]}');
    expect(format).toBe('row');
    expect(inputs).toEqual(
      new Map([
        ['site', { kind: 'mixed', values: ['a', null, null], shape: [3] }],
        ['price', { kind: 'mixed', values: [null, 2, null], shape: [3] }],
        ['__proto__', { kind: 'mixed', values: [null, null, 'b'], shape: [3] }],
      ]),
    );
  });

  it('reads columns, a scalar for one row, and lists of one value', () => {
    expect(read({ inputs: { site: ['a', 'b'], price: [[1], [2]] } })).toEqual({
      format: 'column',
      inputs: new Map([
        ['site', { kind: 'mixed', values: ['a', 'b'], shape: [2] }],
        ['price', { kind: 'mixed', values: [1, 2], shape: [2, 1] }],
      ]),
    });
    expect(read({ inputs: { price: 3 } }).inputs.get('price')).toEqual({ kind: 'mixed', values: [3], shape: [] });
    expect(read({ instances: [{ price: [1] }, { price: [2] }] }).inputs.get('price')).toEqual({
      kind: 'mixed',
      values: [1, 2],
      shape: [2, 1],
    });
  });

  it('reads lists of any length where the column is read as one, in rows and in columns', () => {
    const values = [new ListValue(['a', 2]), new ListValue([]), 'b|c', null];
    const tags = { kind: 'mixed', values, shape: [4] };
    const rows = [{ tags: ['a', 2] }, { tags: [] }, { tags: 'b|c' }, {}];
    expect(read({ instances: rows }).inputs).toEqual(new Map([['tags', tags]]));
    expect(read({ inputs: { tags: [['a', 2], [], 'b|c', null] } }).inputs).toEqual(new Map([['tags', tags]]));
    // Without lists in it it is a column of single values.
    expect(read({ inputs: { tags: ['a', 'b'] } }).inputs.get('tags')).toEqual({
      kind: 'mixed',
      values: ['a', 'b'],
      shape: [2],
    });
    expect(() => read({ instances: [{ tags: [['a'], 'b'] }] })).toThrow(/key: tags of 'instances' list/);
  });

  it('reads lists without names where the signature takes one input', () => {
    const inputs = new Map([['inputs', { kind: 'mixed', values: [Buffer.of(0, 255), 'b'], shape: [2] }]]);
    expect(read({ instances: [{ b64: 'AP8=' }, 'b'] }, single)).toEqual({ format: 'row', inputs });
    expect(read({ inputs: [{ b64: 'AP8=' }, 'b'] }, single)).toEqual({ format: 'column', inputs });
    expect(read({ instances: [{ inputs: { b64: 'AP8=' } }, { inputs: 'b' }] }, single).inputs).toEqual(inputs);
  });

  // The words of TensorFlow Serving's json_tensor.cc.
  it.each([
    ['{}', "Missing 'inputs' or 'instances' key"],
    [
      '{"inputs": {}, "instances": []}',
      'JSON Value: {\n    "inputs": {},\n    "instances": []\n} Not formatted correctly expecting only one of \'inputs\' or \'instances\' keys to exist ',
    ],
    ['{"instances": 1}', 'JSON Value: {\n    "instances": 1\n} Expecting \'instances\' to be an list/array'],
    ['{"instances": []}', 'JSON Value: {\n    "instances": []\n} No values in \'instances\' array'],
    [
      '{"instances": [1]}',
      'instances is a plain list, but expecting list of objects as multiple input tensors required as per tensorinfo_map',
    ],
    ['{"instances": [{"site": "a"}, 1]}', 'Expecting object but got list at item 1 of input list'],
    [
      '{"instances": [{"site": "a"}, {"sight": "b"}]}',
      "Failed to process element: 1 key: sight of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: sight",
    ],
    [
      '{"instances": [{"price": [1, 2]}, {"price": [1]}]}',
      "Failed to process element: 1 key: price of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1",
    ],
    [
      '{"instances": [{"price": [1]}, {"price": [[1]]}]}',
      "Failed to process element: 1 key: price of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [1] but got: [1,1]",
    ],
    [
      '{"instances": [{"site": {"a": 1}}]}',
      'Failed to process element: 0 key: site of \'instances\' list. Error: INVALID_ARGUMENT: JSON Value: {\n    "a": 1\n} not formatted correctly for base64 data',
    ],
    [
      '{"instances": [{"site": {"b64": "*"}}]}',
      "Failed to process element: 0 key: site of 'instances' list. Error: INVALID_ARGUMENT: Unable to base64 decode",
    ],
    [
      '{"instances": [{}]}',
      "Failed to process element: 0 of 'instances' list. JSON object: {} keys must be equal to: __proto__,constructor,price,site,tags",
    ],
    [
      '{"inputs": [1]}',
      'inputs is a plain value/list, but expecting an object as multiple input tensors required as per tensorinfo_map',
    ],
    ['{"inputs": {}}', "Missing named input: __proto__ in 'inputs' object."],
    ['{"inputs": {"k": 1}}', 'JSON object: does not have named input: k'],
    ['{"inputs": {"price": [[1], [2, 3]]}}', 'Encountered list at unexpected size: 2 at level: 1 expected size: 1'],
    ['{"inputs": {"price": [1, [2]]}}', 'Encountered list at unexpected level: 1 expected < 1'],
    [
      '{"inputs": {"price": [[1], 2]}}',
      'JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2',
    ],
  ])('refuses %s', (body, says) => {
    expect(() => read(body)).toThrow(new InvalidRequest(says));
  });

  it('refuses a name that no column has at the first row that gives it', () => {
    const instances = Array.from({ length: 6000 }, (_, row) => ({ [`k${row}`]: 1 }));
    expect(() => read({ instances })).toThrow(/element: 0 key: k0 .* does not have named input: k0/);
  });

  it('refuses more rows than are answered at once in either format', () => {
    const many = Array.from({ length: 262_145 }, () => 1);
    const says = /"price" has 262145 rows: at most 262144 are answered at once/;
    expect(() => read({ inputs: { price: many } })).toThrow(says);
    expect(() => read({ instances: many.map((price) => ({ price })) })).toThrow(says);
  });

  it('refuses more values than are answered at once, before it makes them', () => {
    // 2^22 values are 4,096 rows of 1,024 columns; a row gives one of them.
    const wide = { lists: new Set<string>(), names: new Set(Array.from({ length: 1025 }, (_, n) => `c${n}`)), limits };
    const instances = Array.from({ length: 4096 }, (_, row) => ({ [`c${row % 1025}`]: 1 }));
    expect(() => read({ instances }, wide)).toThrow(/"c1024" the request has 4198400 values/);
  });

  it('takes b64 with or without padding, and refuses what is none', () => {
    const { inputs } = read({ inputs: { site: [{ b64: 'AP8=' }, { b64: '_w' }, { b64: 'A P\n8' }, { b64: '' }] } });
    expect(inputs.get('site')?.values).toEqual([Buffer.of(0, 255), Buffer.of(255), Buffer.of(0, 255), Buffer.of()]);
    for (const b64 of ['???', 'A', 'AAAA=AAA', 'AA=A', 'é'])
      expect(() => read({ inputs: { site: { b64 } } })).toThrow();
  });
});
