import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { expect, it } from 'vitest';
import { productOf, withGradients } from './lean-gradients.ts';
import { loadTensorflow } from './load-tensorflow.ts';
import { valueAndGradients } from './value-and-gradients.ts';

const tf = loadTensorflow();
const fail = (): never => {
  throw new Error('no memory');
};

it('is the value and its gradients', () => {
  const x = tf.tensor1d([2, 3]);
  const { value, grads } = tf.tidy(() => valueAndGradients(() => tf.sum(productOf(x, tf.mul(x, x))), [x]));
  // x³ and 3x².
  expect([value.dataSync()[0], [...grads[0]!.dataSync()]]).toEqual([35, [12, 27]]);
});

it.each<[string, (x: Tensor) => Tensor]>([
  ['on the way forward', (x) => productOf(tf.square(productOf(x, x)), fail())],
  ['in an operation with gradients of its own', (x) => withGradients([x], [x], fail, () => [x])],
  [
    'on the way back',
    (x) =>
      tf.sum(
        productOf(
          withGradients([x], [x], () => tf.neg(x), fail),
          tf.square(x),
        ),
      ),
  ],
])('leaves no tensor where it fails %s', (_where, compute) => {
  const x = tf.tensor1d([2, 3]);
  const { numTensors } = tf.memory();
  for (let n = 0; n < 3; n += 1)
    expect(() => tf.tidy(() => valueAndGradients(() => compute(x), [x]).value)).toThrow('no memory');
  expect(tf.memory().numTensors).toBe(numTensors);
  // The next pass is as if nothing had been.
  const { grads } = tf.tidy(() => valueAndGradients(() => tf.sum(tf.square(x)), [x]));
  expect([...grads[0]!.dataSync()]).toEqual([4, 6]);
});
