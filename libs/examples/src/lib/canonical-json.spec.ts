import { describe, expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

describe('canonicalJson', () => {
  it('does not depend on the order in which keys were set', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'é"' }], a: -0.5 })).toBe('{"a":-0.5,"b":[1,{"c":"é\\"","d":null}]}');
    expect(canonicalJson({ a: -0.5, b: [1, { c: 'é"', d: null }] })).toBe(
      canonicalJson({ b: [1, { d: null, c: 'é"' }], a: -0.5 }),
    );
  });
  it('leaves undefined out of objects and refuses what JSON does not have', () => {
    expect(canonicalJson({ a: undefined })).toBe('{}');
    expect(() => canonicalJson([NaN])).toThrow(TypeError);
    expect(() => canonicalJson([undefined])).toThrow(TypeError);
  });
});
