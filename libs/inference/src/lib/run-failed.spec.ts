import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { encodeOnnx } from '@adstocrat/onnx';
import { RunFailed } from './run-failed.ts';

const floats = (...shape: readonly number[]): Tensor =>
  new Tensor('float32', new Float32Array(shape.reduce((product, size) => product * size, 1)), shape);
const integers = (...values: readonly number[]): Tensor =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length]);

/** What the engine's failure in one operation is, of two inputs of any size. */
async function failureOf(op: string, given: readonly [Tensor, Tensor]): Promise<unknown> {
  const typeOf = ({ type }: Tensor): 'int64' | 'float' => (type === 'int64' ? 'int64' : 'float');
  const inputs = given.map((tensor, at) => ({
    name: `in${at}`,
    type: typeOf(tensor),
    shape: tensor.dims.map((_, dimension) => `N${at}${dimension}`),
  }));
  const bytes = encodeOnnx({
    name: 'graph',
    nodes: [{ op, inputs: ['in0', 'in1'], outputs: ['out'] }],
    constants: [],
    inputs,
    outputs: [{ name: 'out', type: typeOf(given[0]), shape: ['A', 'B'] }],
  });
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
  try {
    return await session.run({ in0: given[0], in1: given[1] }).catch((error: unknown) => RunFailed.by(error));
  } finally {
    await session.release();
  }
}

describe('RunFailed', () => {
  it.each<{ readonly op: string; readonly given: readonly [Tensor, Tensor] }>([
    { op: 'Add', given: [floats(2), floats(3)] },
    { op: 'MatMul', given: [floats(2, 3), floats(2, 3)] },
    { op: 'Gemm', given: [floats(2, 3), floats(2, 3)] },
    { op: 'Conv', given: [floats(1, 2, 3, 3), floats(1, 3, 2, 2)] },
    { op: 'Reshape', given: [floats(6), integers(4, 2)] },
    { op: 'Expand', given: [floats(6), integers(4)] },
    { op: 'Squeeze', given: [floats(2, 3), integers(0)] },
    { op: 'Unsqueeze', given: [floats(2, 3), integers(9)] },
    { op: 'Gather', given: [floats(6), integers(9)] },
    { op: 'GatherElements', given: [floats(6), integers(9)] },
    { op: 'GatherND', given: [floats(6), integers(9)] },
    { op: 'Tile', given: [floats(1), integers(-1)] },
    { op: 'Div', given: [integers(1), integers(0, 0, 1)] },
  ])('is of the inputs where $op does not go with them', async ({ op, given }) => {
    expect(await failureOf(op, given)).toMatchObject({ name: 'RunFailed', of: 'inputs' });
  });

  it('is of the memory where an operation makes more than there is', async () => {
    expect(await failureOf('Expand', [floats(1), integers(2 ** 40)])).toMatchObject({ of: 'memory' });
  });

  it.each([
    ['memory', 'bfc_arena.cc:447 Available memory of 1024 is smaller than requested bytes of 4096'],
    ['engine', 'CUDNN failure 4: CUDNN_STATUS_INTERNAL_ERROR'],
    ['engine', 'void onnxruntime::f(const onnxruntime::TensorShape&, ReshapeHelper) the state is lost'],
    ['engine', 'std::exception'],
  ])('is of the %s where an operation says: %s', (of, says) => {
    // The name of a node is the model's, and says nothing of the failure.
    const message = `Non-zero status code returned while running Conv node. Name:'the shape' Status Message: ${says}`;
    expect(RunFailed.by(new Error(message)).of).toBe(of);
  });
});
