import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { describe, expect, it } from 'vitest';
import { masked, meanLogLoss, productOf, sumOf } from './lean-gradients.ts';
import { loadTensorflow } from './load-tensorflow.ts';

const tf = loadTensorflow();
const [x, y] = [tf.tensor2d([3, -2], [2, 1]), tf.tensor2d([5, 7], [2, 1])];

/** Gradients of the sum of a function of x and y. */
function gradientsOf(compute: (a: Tensor, b: Tensor) => Tensor): readonly (readonly number[])[] {
  return tf
    .grads((a, b) => tf.sum(compute(a, b)))([x, y])
    .map((gradient) => [...gradient.dataSync()]);
}

describe('gradients', () => {
  it.each([
    ['a sum', (a: Tensor, b: Tensor) => sumOf(a, b), [1, 1], [1, 1]],
    ['a product', (a: Tensor, b: Tensor) => productOf(a, b), [5, 7], [3, -2]],
    [
      'values that are added to and multiplied by themselves',
      (a: Tensor, b: Tensor) => sumOf(sumOf(a, a), productOf(b, b)),
      [2, 2],
      [10, 14],
    ],
    // a + (a + b)·a: 1 + 2a + b, and a.
    ['a value in several places', (a: Tensor, b: Tensor) => sumOf(a, productOf(sumOf(a, b), a)), [12, 4], [3, -2]],
    ['what a mask leaves', (a: Tensor, b: Tensor) => sumOf(masked(a, tf.tensor2d([0, 4], [2, 1])), b), [0, 4], [1, 1]],
  ])('are those of %s', (_what, compute, byX, byY) => {
    expect(gradientsOf(compute)).toEqual([byX, byY]);
  });
});

describe('meanLogLoss', () => {
  const logits = [0, Math.log(3), -Math.log(4), 200, -200];
  const labels = tf.tensor2d([1, 0, 1, 1, 1], [5, 1]);
  const at = tf.tensor2d(logits, [5, 1]);
  // Probabilities ½, ¾, ⅕, 1 and 0.
  const losses = [Math.log(2), Math.log(4), Math.log(5), 0, 200];
  const slopes = [-1 / 2, 3 / 4, -4 / 5, 0, -1];

  it.each([
    { counts: undefined, weights: [1, 1, 1, 1, 1] },
    { counts: tf.tensor2d([2, 0, 1, 1, 3], [5, 1]), weights: [2, 0, 1, 1, 3] },
  ])('is the mean of what rows count, with its gradient: $weights', ({ counts, weights }) => {
    const mean = losses.reduce((sum, loss, row) => sum + loss * weights[row]!, 0) / 5;
    expect(meanLogLoss(at, labels, counts).dataSync()[0]).toBeCloseTo(mean, 5);
    const gradient = tf
      .grad((one) => meanLogLoss(one, labels, counts))(at)
      .dataSync();
    for (const [row, slope] of slopes.entries()) expect(gradient[row]).toBeCloseTo((slope * weights[row]!) / 5, 6);
  });
});
