import { expect, it } from 'vitest';
import { compareUtf8 } from './compare-utf8.ts';

it('orders texts as their UTF-8 bytes are ordered', () => {
  // The first and the last character of each number of bytes and around the surrogates; alone, doubled, and before and behind others.
  const characters = ['a', 'b', '\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff'];
  const pairs = ['\ud800\udc00', '\ud800\udfff', '\ud801\udc00', '\udbff\udfff'];
  const all = [...characters, ...pairs];
  const texts = ['', ...all, ...all.map((one) => `${one}a`), ...all.map((one) => `a${one}`), 'aa', 'ab', 'aab', 'aaaa'];
  for (const a of texts)
    for (const b of texts)
      expect(Math.sign(compareUtf8(a, b)), JSON.stringify([a, b])).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
});
