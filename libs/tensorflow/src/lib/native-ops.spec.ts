import { describe, expect, it } from 'vitest';
import { loadTensorflow } from './load-tensorflow.ts';
import { NativeOps } from './native-ops.ts';

describe('rowSums', () => {
  it('sums in the order of the rows, to the bits that TensorFlow’s own sum has', () => {
    const tf = loadTensorflow();
    const [rows, count] = [5000, 700];
    // Of many sizes, so that another order would round in another way.
    const values = Float32Array.from({ length: rows * 3 }, (_, at) => Math.sin(at) * 10 ** (at % 7));
    // Every index occurs, the last first.
    const index = Int32Array.from({ length: rows }, (_, row) => (row < count ? count - 1 - row : (row * row) % count));
    const [of, at] = [tf.tensor2d(values, [rows, 3]), tf.tensor1d(index, 'int32')];
    const expected = tf.unsortedSegmentSum(of, at, count).dataSync();
    expect([...new NativeOps().rowSums(at, count)(of).dataSync()]).toEqual([...expected]);
  });
});
