import { splitMix32 } from '@adstocrat/models';
import { encodeOnnx } from '@adstocrat/onnx';

const [inputs, hidden] = [32, 64];

/** The multilayer perceptron 32 → 64 → 1 as ONNX: `x` float [N, 32] → `score` float [N, 1]. */
export function mlpOnnx(): Uint8Array {
  const random = splitMix32(1);
  const weights = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => random() / 2 ** 33 - 0.25);
  return encodeOnnx({
    name: 'mlp',
    nodes: [
      { op: 'Gemm', inputs: ['x', 'w1', 'b1'], outputs: ['sums'] },
      { op: 'Relu', inputs: ['sums'], outputs: ['hidden'] },
      { op: 'Gemm', inputs: ['hidden', 'w2', 'b2'], outputs: ['logit'] },
      { op: 'Sigmoid', inputs: ['logit'], outputs: ['score'] },
    ],
    constants: [
      { name: 'w1', shape: [inputs, hidden], data: weights(inputs * hidden) },
      { name: 'b1', shape: [hidden], data: weights(hidden) },
      { name: 'w2', shape: [hidden, 1], data: weights(hidden) },
      { name: 'b2', shape: [1], data: weights(1) },
    ],
    inputs: [{ name: 'x', type: 'float', shape: ['N', inputs] }],
    outputs: [{ name: 'score', type: 'float', shape: ['N', 1] }],
  });
}
