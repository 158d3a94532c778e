import { describe, expect, it } from 'vitest';
import { openInference as v2 } from '@adstocrat/schemas';
import { grpcRequest } from './grpc-request.ts';

const limits = { rows: 1000, values: 2000, bytes: 1e6, valueBytes: 1000, pixels: 1 };
const raw = Buffer.from(Float32Array.of(1, 2).buffer);
const tensor = (given: Partial<v2.ModelInferRequest_InferInputTensor> = {}): v2.ModelInferRequest_InferInputTensor =>
  v2.ModelInferRequest_InferInputTensor.create({ name: 'x', datatype: 'FP32', shape: [2n], ...given });
const read = (given: Partial<v2.ModelInferRequest>): ReturnType<typeof grpcRequest> =>
  // Over the wire and back: what a message holds is what its bytes say.
  grpcRequest(
    v2.ModelInferRequest.decode(
      v2.ModelInferRequest.encode(v2.ModelInferRequest.create({ modelName: 'm', ...given })).finish(),
    ),
    limits,
  );
const contents = (given: Partial<v2.InferTensorContents>): v2.InferTensorContents =>
  v2.InferTensorContents.create(given);

describe('grpcRequest', () => {
  it('reads raw and typed contents alike', () => {
    const typed = read({ inputs: [tensor({ contents: contents({ fp32Contents: [1, 2] }) })] });
    const fromRaw = read({
      id: '7',
      inputs: [tensor()],
      rawInputContents: [raw],
      outputs: [{ name: 'y', parameters: new Map() }],
    });
    expect(Array.from(typed.inputs[0]?.values as ArrayLike<number>)).toEqual([1, 2]);
    expect(Array.from(fromRaw.inputs[0]?.values as ArrayLike<number>)).toEqual([1, 2]);
    expect(fromRaw).toMatchObject({ id: '7', inputs: [{ name: 'x', shape: [2] }], outputs: [{ name: 'y' }] });
  });

  it.each<{ why: string; given: Partial<v2.ModelInferRequest>; says: RegExp }>([
    {
      why: 'contents beside raw data',
      given: { inputs: [tensor({ contents: contents({ fp32Contents: [1, 2] }) })], rawInputContents: [raw] },
      says: /^contents field must not be specified when using raw_input_contents for 'x' for model 'm'$/,
    },
    { why: 'more raw data than inputs', given: { rawInputContents: [raw] }, says: /1 entries for 0 inputs/ },
    {
      why: 'less raw data than inputs',
      given: { inputs: [tensor(), tensor({ name: 'y' })], rawInputContents: [raw] },
      says: /1 entries for 2 inputs of model 'm'/,
    },
    { why: 'no data', given: { inputs: [tensor()] }, says: /input "x" holds 0 elements, its shape says 2/ },
    {
      why: 'a shape of 10^12',
      given: { inputs: [tensor({ shape: [1_000_000_000_000n] })], rawInputContents: [raw] },
      says: /input "x" has 1000000000000 rows: at most 1000 are answered at once/,
    },
    {
      why: 'a shape beyond 2^53',
      given: { inputs: [tensor({ shape: [2n ** 32n, 2n ** 32n] })], rawInputContents: [raw] },
      says: /more elements than can be counted/,
    },
    {
      why: 'more values than are answered at once',
      given: {
        inputs: ['a', 'b', 'c'].map((name) => tensor({ name, shape: [900n] })),
        rawInputContents: Array.from({ length: 3 }, () => Buffer.alloc(3600)),
      },
      says: /with input "c" the request has 2700 values, rows × inputs: at most 2000 are answered at once/,
    },
    { why: 'a negative shape', given: { inputs: [tensor({ shape: [-1n] })] }, says: /input "x" has shape \[-1\]/ },
    { why: 'an unknown datatype', given: { inputs: [tensor({ datatype: 'FP8' })] }, says: /"x" has datatype "FP8"/ },
    {
      why: 'a byte that is no boolean',
      given: { inputs: [tensor({ datatype: 'BOOL' })], rawInputContents: [Buffer.of(1, 2)] },
      says: /^input "x", row 1: a byte of a bool is neither 0 nor 1/,
    },
    { why: 'a name twice', given: { inputs: [tensor(), tensor()] }, says: /input 'x' already exists in request/ },
    {
      why: 'shared memory',
      given: {
        inputs: [
          tensor({ parameters: new Map([['shared_memory_region', v2.InferParameter.create({ stringParam: 'r' })]]) }),
        ],
      },
      says: /shared_memory_region is not supported/,
    },
  ])('refuses $why', ({ given, says }) => {
    expect(() => read(given)).toThrow(says);
  });

  it('throws its own errors for whatever a stranger says', () => {
    let state = 11;
    const random = (below: number): number => (state = (state * 48_271) % 0x7fffffff) % below;
    const message = Buffer.from(
      v2.ModelInferRequest.encode(
        v2.ModelInferRequest.create({ modelName: 'm', inputs: [tensor()], rawInputContents: [raw] }),
      ).finish(),
    );
    for (let round = 0; round < 2000; round += 1) {
      const changed = Buffer.from(message);
      for (let change = 0; change <= random(3); change += 1) changed[random(changed.length)] = random(256);
      let decoded: v2.ModelInferRequest;
      try {
        decoded = v2.ModelInferRequest.decode(changed);
      } catch {
        continue; // The transport refuses what is no message.
      }
      try {
        grpcRequest(decoded, limits);
      } catch (error) {
        expect((error as Error).name).toMatch(/^(BadInput|InvalidRequest|TooLarge)$/);
      }
    }
  });
});
