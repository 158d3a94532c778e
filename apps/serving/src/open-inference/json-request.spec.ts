import { describe, expect, it } from 'vitest';
import { jsonRequest } from './json-request.ts';

const limits = { rows: 1000, values: 2000, bytes: 1e6, valueBytes: 1000, pixels: 1 };
const read = (request: unknown, binary = Buffer.of()): ReturnType<typeof jsonRequest> => {
  const json = Buffer.from(typeof request === 'string' ? request : JSON.stringify(request));
  const length = binary.length === 0 ? undefined : String(json.length);
  return jsonRequest('m', { body: Buffer.concat([json, binary]), headerLength: length }, limits);
};
const price = { name: 'price', shape: [2], datatype: 'FP64', data: [1, 2] };

describe('jsonRequest', () => {
  it('reads JSON and binary inputs side by side', () => {
    const request = read(
      {
        id: 'a',
        inputs: [{ name: 'n', shape: [1], datatype: 'INT16', parameters: { binary_data_size: 2 } }, price],
        outputs: [{ name: 'score' }, { name: 'prediction_id', parameters: { binary_data: false } }],
        parameters: { binary_data_output: true, timeout: 250 },
      },
      Buffer.of(1, 1),
    );
    expect(request).toEqual({
      id: 'a',
      inputs: [
        { name: 'n', datatype: 'INT16', shape: [1], kind: 'int', values: Int16Array.of(257) },
        { name: 'price', datatype: 'FP64', shape: [2], kind: 'float', values: Float64Array.of(1, 2) },
      ],
      outputs: [
        { name: 'score', binary: true },
        { name: 'prediction_id', binary: false },
      ],
    });
  });

  it.each([
    { request: '{"inputs": [', says: /^failed to parse the request JSON buffer: / },
    { request: '', says: /^failed to parse/ },
    { request: '[]', says: /the request must be a JSON object/ },
    { request: '{"a": 1}', says: /Unable to parse 'inputs'/ },
    { request: { inputs: {} }, says: /Unable to parse 'inputs'/ },
    { request: { inputs: [1] }, says: /an input must be a JSON object/ },
    { request: { inputs: [{ ...price, name: undefined }] }, says: /each input must have a "name"/ },
    { request: { inputs: [{ ...price, datatype: 'FP8' }] }, says: /input "price" has datatype "FP8"/ },
    { request: { inputs: [{ ...price, datatype: 'constructor' }] }, says: /has datatype "constructor"/ },
    { request: { inputs: [{ ...price, shape: [-1] }] }, says: /input "price" has shape \[-1\]/ },
    { request: { inputs: [{ ...price, shape: ['2'] }] }, says: /input "price" has shape \[2\]: integers/ },
    {
      request: { inputs: [{ ...price, shape: [1e12] }] },
      says: /"price" has 1000000000000 rows: at most 1000 are answered/,
    },
    { request: { inputs: [price, price] }, says: /input 'price' already exists in request/ },
    { request: { inputs: [price], outputs: [{ name: 'a' }, { name: 'a' }] }, says: /output 'a' already exists/ },
    { request: { id: 1, inputs: [price] }, says: /"id" must be a string/ },
    { request: { inputs: [price], parameters: [] }, says: /"parameters" of the request must be a JSON object/ },
    {
      request: { inputs: [{ ...price, parameters: { shared_memory_region: 'r' } }] },
      says: /"price": the parameter shared_memory_region is not supported/,
    },
    {
      request: { inputs: [price], outputs: [{ name: 'score', parameters: { classification: 2 } }] },
      says: /"score": the parameter classification is not supported/,
    },
    {
      request: { inputs: [{ ...price, parameters: { binary_data_size: 16 } }] },
      says: /has both "data" and "binary_data_size"/,
    },
    {
      request: { inputs: [{ ...price, data: undefined, parameters: { binary_data_size: 16 } }] },
      says: /unexpected size for input 'price', expecting 16 additional bytes/,
    },
    { request: `{"inputs": [${'{},'.repeat(100_000)}{}]}`, says: /has 200003 values and tensors: at most/ },
    { request: `{"inputs": [${'['.repeat(50_000)}NaN`, says: /failed to parse/ },
  ])('refuses $request', ({ request, says }) => {
    expect(() => read(request)).toThrow(says);
  });

  it('refuses a byte that is no boolean', () => {
    const input = { name: 'b', shape: [2], datatype: 'BOOL', parameters: { binary_data_size: 2 } };
    expect(() => read({ inputs: [input] }, Buffer.of(1, 2))).toThrow(/^input "b", row 1: .* neither 0 nor 1/);
  });

  it('refuses data that no input takes', () => {
    expect(() => read({ inputs: [price] }, Buffer.of(1))).toThrow("unexpected additional input data for model 'm'");
  });
});
