import { expect, it } from 'vitest';
import { loadTensorflow } from './load-tensorflow.ts';
import { isOutOfMemory } from './out-of-memory.ts';

/** What asking throws. */
function errorOf(ask: () => unknown): unknown {
  try {
    ask();
  } catch (error) {
    return error;
  }
  return undefined;
}

it('knows that TensorFlow got no memory', () => {
  const tf = loadTensorflow();
  const row = tf.zeros([1, 4_000_000]);
  // The product of a column and a row of four million: 64 TB.
  const tooLarge = errorOf(() => tf.matMul(row, row, true, false));
  expect(isOutOfMemory(tooLarge), String(tooLarge)).toBe(true);
  const other = errorOf(() => tf.matMul(row, row));
  expect(other).toBeInstanceOf(Error);
  expect(isOutOfMemory(other)).toBe(false);
  row.dispose();
});
