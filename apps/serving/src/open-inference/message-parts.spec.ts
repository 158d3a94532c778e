import { describe, expect, it } from 'vitest';
import { openInference as v2 } from '@adstocrat/schemas';
import { inferRequestParts } from './message-parts.ts';

const parameter = v2.InferParameter.create({ stringParam: 'x' });
const encoded = (given: Partial<v2.ModelInferRequest>): Uint8Array =>
  v2.ModelInferRequest.encode(v2.ModelInferRequest.create(given)).finish();
const input = (given: Partial<v2.ModelInferRequest_InferInputTensor>): v2.ModelInferRequest_InferInputTensor =>
  v2.ModelInferRequest_InferInputTensor.create(given);

describe('inferRequestParts', () => {
  it('counts tensors, parameters and raw data as parts, values and dimensions as values', () => {
    const message = encoded({
      modelName: 'm',
      parameters: new Map([['a', parameter]]),
      inputs: [
        input({ name: 'a', datatype: 'FP32', shape: [2n, 1n], parameters: new Map([['b', parameter]]) }),
        input({ contents: v2.InferTensorContents.create({ fp32Contents: [1, 2, 3], fp64Contents: [1, 2] }) }),
        input({ contents: v2.InferTensorContents.create({ int64Contents: [-1n, 2n], boolContents: [true] }) }),
        input({ contents: v2.InferTensorContents.create({ bytesContents: [Buffer.of(), Buffer.from('a')] }) }),
      ],
      outputs: [v2.ModelInferRequest_InferRequestedOutputTensor.create({ name: 'score' })],
      rawInputContents: [Buffer.alloc(100), Buffer.of()],
    });
    // 2 parameters, 4 inputs, 3 contents, 1 output, 2 raw; 2 dimensions and 3 + 2 + 2 + 1 + 2 values.
    expect(inferRequestParts(message)).toEqual({ parts: 12, values: 12 });
  });

  it('counts values that are not packed, as they may be', () => {
    // contents {fp32_contents: 1.5 (tag 0x35)} twice, in an input.
    const one = [0x35, 0, 0, 0xc0, 0x3f];
    const contents = [0x2a, 10, ...one, ...one];
    expect(inferRequestParts(Uint8Array.from([0x2a, contents.length, ...contents]))).toEqual({ parts: 2, values: 2 });
  });

  it('reads a message of millions of empty tensors without making them', () => {
    const message = Buffer.alloc(4_000_000);
    for (let at = 0; at < message.length; at += 2) message[at] = 0x2a;
    expect(inferRequestParts(message).parts).toBe(2_000_000);
  });

  it('ends with whatever bytes it gets', () => {
    let state = 5;
    const random = (below: number): number => (state = (state * 48_271) % 0x7fffffff) % below;
    for (let round = 0; round < 3000; round += 1)
      inferRequestParts(Uint8Array.from({ length: random(60) }, () => random(256)));
  });
});
