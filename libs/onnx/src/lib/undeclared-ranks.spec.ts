import { describe, expect, it } from 'vitest';
import { encodeOnnx } from './onnx-model.ts';
import { undeclaredRanks } from './undeclared-ranks.ts';

const model = encodeOnnx({
  name: 'graph',
  nodes: [{ op: 'Identity', inputs: ['any'], outputs: ['out'] }],
  constants: [{ name: 'weights', shape: [2], data: new Float32Array([1, 2]) }],
  inputs: [
    { name: 'any', type: 'float' },
    { name: 'scalar', type: 'float', shape: [] },
    { name: 'rows', type: 'string', shape: ['N', 3] },
  ],
  outputs: [{ name: 'out', type: 'float' }],
});

describe('undeclaredRanks', () => {
  it('names what has no shape, which is not what has the shape of a scalar', () => {
    expect([...undeclaredRanks(model)].sort()).toEqual(['any', 'out']);
  });

  it('refuses bytes that are no message', () => {
    expect(() => undeclaredRanks(model.subarray(0, model.length - 20))).toThrow(RangeError);
    expect(() => undeclaredRanks(new TextEncoder().encode('<!doctype html>'))).toThrow(RangeError);
    expect(() => undeclaredRanks(Uint8Array.of(0x3a, 0xff))).toThrow(/end within a number/);
  });
});
