import { describe, expect, it } from 'vitest';
import { areaResize, normalizePixels } from './prepare-image.ts';

const grey = (width: number, height: number, values: readonly number[]): Parameters<typeof areaResize>[0] => ({
  width,
  height,
  data: Uint8Array.from(values.flatMap((value) => [value, value, value])),
});

describe('areaResize', () => {
  it('averages the area a pixel covers', () => {
    expect([...areaResize(grey(2, 2, [10, 20, 30, 41]), 1)]).toEqual([25, 25, 25]);
  });
  it('shares a pixel that two targets cover', () => {
    // Three columns to two: target 0 covers column 0 and half of column 1: (0 + 30/2) ÷ 1.5 = 10; target 1: (30/2 + 90) ÷ 1.5 = 70.
    const out = areaResize(grey(3, 1, [0, 30, 90]), 2);
    expect([out[0], out[3], out[6], out[9]]).toEqual([10, 70, 10, 70]);
  });
  it('repeats pixels where the target is larger', () => {
    expect([...areaResize(grey(1, 1, [77]), 2)]).toEqual(Array<number>(12).fill(77));
  });
});

describe('normalizePixels', () => {
  it('scales each channel on its own', () => {
    const out = new Float32Array(6);
    normalizePixels(
      { column: 'i', size: 1, mean: [0, 0.5, 1], scale: [1, 0.5, 2] },
      Uint8Array.of(255, 255, 0),
      out,
      3,
    );
    expect([...out]).toEqual([0, 0, 0, 1, 1, -0.5]);
  });
  it('does so pixel by pixel', () => {
    const out = new Float32Array(9);
    normalizePixels(
      { column: 'i', size: 1, mean: [0, 0, 0], scale: [1, 1, 1] },
      Uint8Array.of(0, 51, 102, 153, 204, 255),
      out,
      3,
    );
    expect([...out]).toEqual([0, 0, 0, ...[0, 0.2, 0.4, 0.6, 0.8, 1].map(Math.fround)]);
  });
});
