import { describe, expect, it } from 'vitest';
import { ResourceExhausted } from '../service-error.ts';
import { frameOf, MessageFrames } from './message-frames.ts';

/* gRPC over HTTP2, "Length-Prefixed-Message": a byte for the compression, four for the length, big-endian. */
const wire = Buffer.from('000000000361626301000000026465' + '0000000000' + '0000000001' + '66', 'hex');
const messages = ['plain abc', 'compressed de', 'plain ', 'plain f'];

function read(chunks: readonly Buffer[]): { readonly messages: readonly string[]; readonly isWithin: boolean } {
  const frames = new MessageFrames(3);
  const taken = chunks.flatMap((chunk) => frames.take(chunk));
  return {
    messages: taken.map(({ compressed, bytes }) => `${compressed ? 'compressed' : 'plain'} ${String(bytes)}`),
    isWithin: frames.isWithin,
  };
}

describe('MessageFrames', () => {
  it('takes the same messages wherever the bytes are cut once or twice', () => {
    for (let one = 0; one <= wire.length; one += 1)
      for (let two = one; two <= wire.length; two += 1)
        expect(read([wire.subarray(0, one), wire.subarray(one, two), wire.subarray(two)])).toEqual({
          messages,
          isWithin: false,
        });
  });

  it('takes them byte by byte, and knows at each whether it is within one', () => {
    expect(read([...wire].map((byte) => Buffer.of(byte)))).toEqual({ messages, isWithin: false });
    const ends = [0, 8, 15, 20, 26];
    for (let length = 0; length <= wire.length; length += 1)
      expect(read([wire.subarray(0, length)]).isWithin).toBe(!ends.includes(length));
  });

  it('refuses a message at its length, before its bytes are there', () => {
    expect(() => new MessageFrames(3).take(Buffer.from('0000000004', 'hex'))).toThrow(
      new ResourceExhausted('Received message larger than max (4 vs. 3)'),
    );
    expect(() => new MessageFrames(3).take(Buffer.from('00ffffffff', 'hex'))).toThrow(ResourceExhausted);
  });
});

describe('frameOf', () => {
  it('puts a prefix before a message', () => {
    expect(frameOf(Buffer.from('abc')).toString('hex')).toBe('0000000003616263');
    expect(frameOf(new Uint8Array()).toString('hex')).toBe('0000000000');
  });
});
