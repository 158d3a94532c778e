import { Partitioners } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { javaPartitioner, murmur2 } from './java-partitioner.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('the partition of a key', () => {
  // Apache Kafka's own: clients/src/test/java/org/apache/kafka/common/utils/UtilsTest.java, testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes "%s" as Java does', (text, hash) => {
    expect(murmur2(bytes(text))).toBe(hash);
  });

  // Utils.toPositive takes the sign bit off: -973932308 & 0x7fffffff = 1173551340, and 1173551340 = 7 · 167650191 + 3.
  it('takes the sign bit off before the remainder', () => {
    const partitionMetadata = Array.from({ length: 7 }, (_, partitionId) => ({
      partitionId,
      leader: 0,
      replicas: [],
      isr: [],
      partitionErrorCode: 0,
    }));
    const message = { key: '21', value: null };
    expect(javaPartitioner()({ topic: 't', partitionMetadata, message })).toBe(3);
  });

  it('is that of kafkajs for keys of every length and script', () => {
    const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
      partitionId,
      leader: 0,
      replicas: [],
      isr: [],
      partitionErrorCode: 0,
    }));
    const ours = javaPartitioner();
    const theirs = Partitioners.DefaultPartitioner();
    for (let length = 1; length <= 256; length += 1) {
      const key = 'aé広😀-7'.repeat(32).slice(0, length);
      const asked = { topic: 't', partitionMetadata, message: { key, value: null } };
      expect(ours(asked)).toBe(theirs(asked));
    }
  });
});
