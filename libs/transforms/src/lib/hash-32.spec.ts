import { describe, expect, it } from 'vitest';
import { hash32 } from './hash-32.ts';

describe('hash32', () => {
  it('hashes UTF-8 bytes: the same as over the encoder’s', () => {
    const reference = (text: string): number => {
      let hash = 0x811c9dc5;
      for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
      hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
      return (hash ^ (hash >>> 16)) >>> 0;
    };
    // The first and the last character of each number of bytes.
    const edges = ['\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff\ue000', '\uffff', '\ud800\udc00', '\udbff\udfff'];
    for (const text of ['', 'ad', 'grün', '広告', '🛒 cart', ...edges]) expect(hash32(text)).toBe(reference(text));
  });
});
