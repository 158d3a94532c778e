import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { batchNormEpsilon } from '@adstocrat/models';
import { withGradients } from './lean-gradients.ts';
import { loadTensorflow } from './load-tensorflow.ts';

/** What a batch shows of each column, [width] each. */
export interface ColumnMoments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Means and variances by column of x [rows, width], of which nothing learns. */
export function columnMoments(x: Tensor): ColumnMoments {
  const tf = loadTensorflow();
  const mean = tf.mean(x, 0);
  return { mean, variance: tf.mean(tf.square(tf.sub(x, mean)), 0) };
}

/** scale · (x − mean) / √(variance + ε) + shift, where mean and variance are those of x itself: through them x learns too. */
export function normalizedByBatch(x: Tensor, scale: Tensor, shift: Tensor, moments: ColumnMoments): Tensor {
  const tf = loadTensorflow();
  const inverse = tf.rsqrt(tf.add(moments.variance, batchNormEpsilon));
  const normal = tf.mul(tf.sub(x, moments.mean), inverse);
  return withGradients(
    [x, scale, shift],
    [scale, normal, inverse],
    () => tf.add(tf.mul(normal, scale), shift),
    (dy, [factor, value, root]) => {
      const [ofShift, ofScale] = [tf.sum(dy, 0), tf.sum(tf.mul(dy, value!), 0)];
      const rows = x.shape[0]!;
      // dx = scale / √(variance + ε) · (dy − mean(dy) − normal · mean(dy · normal)), equation by equation in section 3 of the paper.
      const own = tf.sub(tf.sub(dy, tf.div(ofShift, rows)), tf.mul(value!, tf.div(ofScale, rows)));
      return [tf.mul(own, tf.mul(factor!, root!)), ofScale, ofShift];
    },
  );
}

/** The same by a mean and a variance that are given. */
export function normalizedBy(x: Tensor, scale: Tensor, shift: Tensor, { mean, variance }: ColumnMoments): Tensor {
  const tf = loadTensorflow();
  const factor = tf.mul(scale, tf.rsqrt(tf.add(variance, batchNormEpsilon)));
  return tf.add(tf.mul(tf.sub(x, mean), factor), shift);
}
