import type { Tensor } from '@tensorflow/tfjs-node-gpu';
import { describe, expect, it } from 'vitest';
import { fingerprint64, hashBucket } from '@adstocrat/transforms';
import { loadTensorflow } from './load-tensorflow.ts';

/** What TensorFlow's kernel `StringToHashBucketFast` answers: tfjs has no name for it, its backend runs any. */
function tensorflowBuckets(texts: readonly string[], buckets: number): bigint[] {
  const tf = loadTensorflow();
  const backend = tf.backend() as unknown as {
    readonly binding: { readonly TF_ATTR_INT: number };
    executeSingleOutput(op: string, attributes: readonly object[], inputs: readonly object[]): Tensor;
  };
  const attribute = { name: 'num_buckets', type: backend.binding.TF_ATTR_INT, value: buckets };
  const input = tf.tensor1d([...texts], 'string');
  const answer = backend.executeSingleOutput('StringToHashBucketFast', [attribute], [input]);
  // An int64 tensor comes as bigints, though its type says numbers.
  return Array.from(answer.dataSync(), BigInt);
}

describe('hashBucket', () => {
  // Every length through all branches (to 16, 32, 64 and more bytes), and characters of one to four bytes.
  const alphabet = [...'abcXYZ019 _-./é広🛒'];
  const texts = Array.from({ length: 400 }, (_, length) =>
    Array.from({ length: length % 200 }, (_, at) => alphabet[(at * at + 7 * length + at) % alphabet.length]).join(''),
  );

  it.each([2 ** 31 - 1, 1_000_003, 1000, 1])(
    'puts texts into the buckets that TensorFlow puts them into, of %i',
    (n) => {
      expect(texts.map((text) => BigInt(hashBucket(text, n)))).toEqual(tensorflowBuckets(texts, n));
    },
  );

  it('has all bits of TensorFlow’s fingerprint', () => {
    // The largest prime below 2^53: the remainder depends on each of the 64 bits.
    const prime = 9_007_199_254_740_881;
    expect(texts.map((text) => fingerprint64(text).toBigInt() % BigInt(prime))).toEqual(
      tensorflowBuckets(texts, prime),
    );
  });
});
