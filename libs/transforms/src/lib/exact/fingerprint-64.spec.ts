import { describe, expect, it } from 'vitest';
import { fingerprint64, hashBucket } from './fingerprint-64.ts';
import { U64 } from './u64.ts';

describe('fingerprint64', () => {
  it('is FarmHash’s k2 for no bytes', () => {
    expect(fingerprint64('').toBigInt()).toBe(0x9ae16a3b2f90404fn);
  });

  // Of TensorFlow 2.21, tf.strings.to_hash_bucket_fast(text, 2^31 − 1). libs/tensorflow compares more with the library itself.
  it.each([
    ['a', 493484721],
    ['ad', 130317743],
    ['site', 83683532],
    ['Hello, 世界', 1355176296],
    ['0123456789abcdef', 100009012],
    ['0123456789abcdefg', 1912983899],
    ['the quick brown fox jumps over the lazy dog', 1303389026],
    ['x'.repeat(64), 257920164],
    ['x'.repeat(65), 535548725],
    ['y'.repeat(200), 610751472],
  ] as const)('puts %j into TensorFlow’s bucket', (text, bucket) => {
    expect(hashBucket(text, 2 ** 31 - 1)).toBe(bucket);
  });

  it('takes a lone surrogate for the replacement character, as an encoder does', () => {
    expect(fingerprint64('\ud800')).toEqual(fingerprint64('\ufffd'));
  });
});

describe('U64', () => {
  const words = [0n, 1n, 0xffffffffn, 0x100000000n, 0xffffffffffffffffn, 0x9ae16a3b2f90404fn, 0x8000000080000001n];
  let state = 1n;
  // Of 64 bits as good as random, always the same ones (Knuth's MMIX).
  for (let word = 0; word < 40; word += 1)
    words.push((state = BigInt.asUintN(64, state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n)));
  const half = (word: bigint): U64 => new U64(Number(word >> 32n), Number(word & 0xffffffffn));

  it('adds, multiplies, shifts and rotates as 64 bits do', () => {
    for (const a of words)
      for (const b of words) {
        expect(half(a).plus(half(b)).toBigInt()).toBe(BigInt.asUintN(64, a + b));
        expect(half(a).times(half(b)).toBigInt()).toBe(BigInt.asUintN(64, a * b));
        expect(half(a).xor(half(b)).toBigInt()).toBe(a ^ b);
      }
    for (const a of words) expect(half(a).shiftedRight(32).toBigInt()).toBe(a >> 32n);
    for (const a of words)
      for (const by of [1, 18, 31, 33, 47, 63]) {
        expect(half(a).shiftedRight(by).toBigInt()).toBe(a >> BigInt(by));
        expect(half(a).rotatedRight(by).toBigInt()).toBe(
          BigInt.asUintN(64, (a >> BigInt(by)) | (a << BigInt(64 - by))),
        );
        expect(half(a).modulo(2 ** by > 2 ** 31 ? 2 ** 31 : 2 ** by - 1)).toBe(
          Number(a % (2 ** by > 2 ** 31 ? 2n ** 31n : 2n ** BigInt(by) - 1n)),
        );
      }
  });

  it('is made of a whole number to 2^53', () => {
    for (const value of [0, 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 35 + 5, 2 ** 52 + 2 ** 31, 2 ** 53 - 1, 2 ** 53])
      expect(U64.of(value).toBigInt()).toBe(BigInt(value));
  });

  it.each([1, 2, 3, 7, 10, 1000, 99_991, 2 ** 31 - 1, 2 ** 31])('leaves the rest of a division by %d', (divisor) => {
    for (const word of words) expect(half(word).modulo(divisor)).toBe(Number(word % BigInt(divisor)));
  });
});
