import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { loadTensorflow } from './load-tensorflow.ts';

// TensorFlow.js's own gradients cast and reshape what is right already, and make those of a loss from those of a dozen functions. Each of that is
// an operation, and on a GPU a step is as long as it takes to start its operations. Values are of one shape each time.

/** a + b. */
export function sumOf(a: Tensor, b: Tensor): Tensor {
  // Two tensors over the same numbers, as one is disposed of where it is added to others.
  return withGradients(
    [a, b],
    [],
    () => loadTensorflow().add(a, b),
    (dy) => [dy.clone(), dy.clone()],
  );
}

/** a ⊙ b. */
export function productOf(a: Tensor, b: Tensor): Tensor {
  const tf = loadTensorflow();
  return withGradients(
    [a, b],
    [a, b],
    () => tf.mul(a, b),
    (dy, [left, right]) => [tf.mul(dy, right!), tf.mul(dy, left!)],
  );
}

/** x ⊙ mask, where nothing learns through the mask. */
export function masked(x: Tensor, mask: Tensor): Tensor {
  const tf = loadTensorflow();
  return withGradients(
    [x],
    [mask],
    () => tf.mul(x, mask),
    (dy, [kept]) => [tf.mul(dy, kept!)],
  );
}

/**
 * Mean over rows of log-loss × count, [], from logits and labels [rows, 1], in the form that neither overflows nor cancels. All rows count 1
 * where no counts are given.
 */
export function meanLogLoss(logits: Tensor, labels: Tensor, counts?: Tensor): Tensor {
  const tf = loadTensorflow();
  const counted = (values: Tensor): Tensor => (counts === undefined ? values : tf.mul(values, counts));
  return withGradients(
    [logits],
    [logits],
    () => {
      const rest = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
      return tf.mean(counted(tf.add(tf.sub(tf.relu(logits), tf.mul(logits, labels)), rest)));
    },
    (dy, [x]) => [tf.mul(counted(tf.sub(tf.sigmoid(x!), labels)), tf.div(dy, logits.shape[0]!))],
  );
}

/** A value of inputs, with its gradient by each of them from its own and what is kept for that. */
export function withGradients(
  inputs: readonly Tensor[],
  kept: readonly Tensor[],
  compute: () => Tensor,
  gradients: (dy: Tensor, kept: readonly Tensor[]) => Tensor[],
): Tensor {
  return loadTensorflow().customGrad((...args: unknown[]) => {
    const save = args.at(-1) as (tensors: readonly Tensor[]) => void;
    const value = compute();
    // Only now: what is saved is kept until the pass is over, and is not known to it before the value is.
    save(kept);
    return { value, gradFunc: gradients };
  })(...inputs);
}
