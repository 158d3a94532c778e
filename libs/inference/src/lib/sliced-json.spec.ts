import { describe, expect, it } from 'vitest';
import { finish } from '@adstocrat/transforms';
import { pieceElements, readSlicedJson, sliceJson } from './sliced-json.ts';

const back = (value: unknown): unknown => finish(readSlicedJson(sliceJson(value)));
const terms = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `höhe ${at}`);

describe('sliceJson', () => {
  it.each([
    ['nothing long', { a: [1, null, 'x'], b: { c: true, d: [] } }],
    ['long arrays at several depths', { a: terms(10_000), b: [{ c: terms(4097) }, { c: [1] }], d: terms(4096) }],
    ['a long array alone', Array.from({ length: 9000 }, (_, at) => (at % 3 === 0 ? null : at / 7))],
    [
      'a long array of objects, and one of lists',
      [terms(5000).map((name) => ({ name })), terms(5000).map((one) => [one])],
    ],
    ['names that objects have by themselves', JSON.parse('{"__proto__": 3, "constructor": {"length": 2}}')],
    ['a text alone', 'text'],
  ])('says the same with %s', (_, value: unknown) => {
    expect(JSON.stringify(back(value))).toBe(JSON.stringify(value));
  });

  it('reads no more than a piece a step', () => {
    const steps = readSlicedJson(sliceJson({ a: terms(3 * pieceElements), b: terms(pieceElements + 1) }));
    let pauses = 0;
    while (steps.next().done !== true) pauses += 1;
    // Three pieces of the one, two of the other.
    expect(pauses).toBe(5);
  });
});
