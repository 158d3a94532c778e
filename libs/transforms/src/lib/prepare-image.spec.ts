import { describe, expect, it } from 'vitest';
import { areaResize, normalizePixels } from './prepare-image.ts';

const grey = (width: number, height: number, values: readonly number[]): Parameters<typeof areaResize>[0] => ({
  width,
  height,
  data: Uint8Array.from(values.flatMap((value) => [value, value, value])),
});

/**
 * By the definition, in whole numbers of any length: both sides are stretched to width · size and height · size cells, a target pixel has
 * width · height of them, and its value is their mean, halves up.
 */
function byDefinition({ width, height, data }: Parameters<typeof areaResize>[0], size: number): number[] {
  const out: number[] = [];
  const shared = (source: number, target: number, length: number): number =>
    Math.max(0, Math.min((source + 1) * size, (target + 1) * length) - Math.max(source * size, target * length));
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1)
      for (let channel = 0; channel < 3; channel += 1) {
        let sum = 0n;
        for (let row = 0; row < height; row += 1)
          for (let column = 0; column < width; column += 1) {
            const cells = BigInt(shared(row, y, height)) * BigInt(shared(column, x, width));
            sum += cells * BigInt(data[(row * width + column) * 3 + channel]!);
          }
        const area = BigInt(width) * BigInt(height);
        out.push(Number((2n * sum + area) / (2n * area)));
      }
  return out;
}

describe('areaResize', () => {
  // Smaller and larger than the target, even and odd, of one row or column, and the target's own size.
  it.each([
    [1, 1, 3],
    [7, 5, 3],
    [5, 7, 7],
    [4, 4, 4],
    [4, 9, 4],
    [12, 8, 4],
    [1, 23, 6],
    [31, 1, 6],
    [3, 2, 8],
    [13, 17, 8],
    [6, 29, 1],
  ])('has the bytes of the definition for %i × %i to %i', (width, height, size) => {
    let state = width * 1000 + height;
    const draw = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
    // The second picture is of 0 and 255 alone, the third of the largest sums.
    for (const value of [draw, () => (draw() > 127 ? 255 : 0), () => 255]) {
      const image = { width, height, data: Uint8Array.from({ length: width * height * 3 }, value) };
      expect([...areaResize(image, size)]).toEqual(byDefinition(image, size));
    }
  });
  it('has exact sums of a picture that is wider than 32 bits count', () => {
    // 9 million pixels of 255, the last of 0, times 255 are more than 2^31: the mean is 255 · (1 − 1/9,000,000), which rounds up.
    const data = new Uint8Array(27_000_000).fill(255, 0, 26_999_997);
    expect([...areaResize({ width: 9_000_000, height: 1, data }, 1)]).toEqual([255, 255, 255]);
    data.fill(0, 13_500_000 - 3);
    // One pixel less than half of them: 127.5 − 0.00003.
    expect([...areaResize({ width: 9_000_000, height: 1, data }, 1)]).toEqual([127, 127, 127]);
    // Half of them, and half of them but for 1 of 255: 127.5, and 127.5 − 0.0000001.
    data.fill(0).fill(255, 13_500_000);
    expect([...areaResize({ width: 9_000_000, height: 1, data }, 1)]).toEqual([128, 128, 128]);
    data.fill(254, 26_999_997);
    expect([...areaResize({ width: 9_000_000, height: 1, data }, 1)]).toEqual([127, 127, 127]);
  });
  it("copies a picture of the target's size", () => {
    const data = Buffer.from([1, 2, 3]);
    const out = areaResize({ width: 1, height: 1, data }, 1);
    data.fill(9);
    expect([...out]).toEqual([1, 2, 3]);
  });
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
  it('does so pixel by pixel, and leaves what is before and behind', () => {
    const out = new Float32Array(12);
    normalizePixels(
      { column: 'i', size: 1, mean: [0, 0, 0], scale: [1, 1, 1] },
      Uint8Array.of(0, 51, 102, 153, 204, 255),
      out,
      3,
    );
    expect([...out]).toEqual([0, 0, 0, ...[0, 0.2, 0.4, 0.6, 0.8, 1].map(Math.fround), ...[0, 0, 0]]);
  });
  it('writes from the start where nothing else is said, for each of the 256 values', () => {
    const pixels = Uint8Array.from({ length: 768 }, (_, index) => Math.floor(index / 3));
    const out = new Float32Array(768);
    normalizePixels({ column: 'i', size: 16, mean: [0.5, 0.25, 0], scale: [0.25, 0.5, 2] }, pixels, out);
    const expected = Array.from({ length: 256 }, (_, value) => [
      (value / 255 - 0.5) / 0.25,
      (value / 255 - 0.25) / 0.5,
      value / 255 / 2,
    ]);
    expect([...out]).toEqual(expected.flat().map(Math.fround));
  });
});
