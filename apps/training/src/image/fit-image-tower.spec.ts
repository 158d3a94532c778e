import { describe, expect, it } from 'vitest';
import { fitImageTower } from './fit-image-tower.ts';

const size = 16;
/** A red or a blue square at the left or at the right of a grey image, noise aside. */
function image(red: boolean, left: boolean, seed: number): Float32Array {
  return Float32Array.from({ length: size * size * 3 }, (_, at) => {
    const [x, y, colour] = [Math.floor(at / 3) % size, Math.floor(at / 3 / size), at % 3];
    const inside = y > 4 && y < 12 && (left ? x < 7 : x > 8);
    return (inside ? (colour === (red ? 0 : 2) ? 2 : -1) : 0) + 0.05 * Math.sin(at * 12.9898 + seed * 78.233);
  });
}
const kinds = [0, 1, 2, 3].flatMap((kind) => Array.from({ length: 8 }, (_, seed) => ({ kind, seed: kind * 8 + seed })));
const pixels = new Float32Array(kinds.length * size * size * 3);
for (const [at, { kind, seed }] of kinds.entries())
  pixels.set(image(kind % 2 === 0, kind < 2, seed), at * size * size * 3);
const shown = new Set(kinds.keys());

describe('fitImageTower', () => {
  it('keeps what stands where in which colour, without a label', async () => {
    const found = await fitImageTower(pixels, size, shown);
    // 32 images, four for each number.
    expect(found?.tower.units).toBe(8);
    const vector = (at: number): Float32Array => found!.vectors.subarray(at * 8, at * 8 + 3);
    const distance = (a: number, b: number): number => Math.hypot(...vector(a).map((one, at) => one - vector(b)[at]!));
    for (let at = 0; at < 32; at += 8) {
      for (let other = 0; other < 32; other += 8) {
        if (other !== at) expect(distance(at, other)).toBeGreaterThan(3 * distance(at, at + 1));
      }
    }
  });

  it('is not moved by images that no training row shows', async () => {
    const other = pixels.slice();
    other.fill(9, 31 * size * size * 3);
    const some = new Set([...shown].slice(0, 31));
    const [one, two] = await Promise.all([pixels, other].map((all) => fitImageTower(all, size, some)));
    expect([...one!.weights]).toEqual([...two!.weights]);
    expect(Math.max(...two!.vectors.map(Math.abs))).toBeLessThanOrEqual(4);
  });

  it.each([
    { why: 'no row shows an image', of: new Set<number>(), from: pixels },
    { why: 'all rows show one image', of: new Set([0]), from: pixels },
    { why: 'all images are alike', of: shown, from: new Float32Array(pixels.length).fill(0.5) },
  ])('sees nothing where $why', async ({ of, from }) => {
    expect(await fitImageTower(from, size, of)).toBeUndefined();
  });
});
