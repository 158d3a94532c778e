import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { loadTensorflow } from './load-tensorflow.ts';
import type { NativeOps } from './native-ops.ts';

/** x · kernel + bias, rectified or not, with a gradient of its own: two matrix products, no batch dimension, no broadcast to undo. */
export function denseLayer(ops: NativeOps, rectified: boolean): (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor {
  return loadTensorflow().customGrad((...args: unknown[]) => {
    const [x, kernel, bias, save] = args as [Tensor, Tensor, Tensor, (tensors: Tensor[]) => void];
    const sum = ops.biasAdd(ops.matMul(x, kernel), bias);
    const value = rectified ? ops.relu(sum) : sum;
    save([x, kernel, value]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [input, weights, output] = saved as [Tensor, Tensor, Tensor];
        const dz = rectified ? ops.reluGradient(dy, output) : dy;
        return [ops.matMul(dz, weights, false, true), ops.matMul(input, dz, true, false), ops.biasAddGradient(dz)];
      },
    };
  }) as (x: Tensor, kernel: Tensor, bias: Tensor) => Tensor;
}
