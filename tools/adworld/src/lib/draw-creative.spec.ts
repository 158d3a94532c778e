import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawCreative } from './draw-creative.ts';
import { encodePng } from './png.ts';
import { Random } from './random.ts';
import type { VisualFields } from './visual-fields.ts';

const plain: VisualFields = {
  hue: 0,
  contrast: 0.9,
  headline: 0.5,
  clutter: 0,
  button: 'outline',
  shape: 'circle',
  layout: 'left',
};

async function pixels(png: Uint8Array): Promise<{ readonly width: number; readonly data: Uint8Array }> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, data };
}

async function pixelsOf(fields: Partial<VisualFields>, seed = 1): Promise<Uint8Array> {
  return (await pixels(drawCreative({ ...plain, ...fields }, 64, seed))).data;
}

describe('encodePng', () => {
  it('comes back pixel for pixel from another decoder', async () => {
    const random = new Random(6, 'pixels');
    const rgb = Uint8Array.from({ length: 13 * 7 * 3 }, () => random.below(256));
    const decoded = await pixels(encodePng(13, 7, rgb));
    expect(decoded.width).toBe(13);
    expect([...decoded.data]).toEqual([...rgb]);
  });

  it('refuses pixels that do not fill the image', () => {
    expect(() => encodePng(2, 2, new Uint8Array(3))).toThrow(new RangeError('2 × 2 pixels take 12 bytes, got 3'));
  });
});

describe('drawCreative', () => {
  it.each<Partial<VisualFields>>([
    { hue: 0.3 },
    { contrast: 0.1 },
    { headline: 0.9 },
    { clutter: 0.8 },
    { button: 'pill' },
    { button: 'filled' },
    { button: 'link' },
    { shape: 'ring' },
    { shape: 'square' },
    { shape: 'triangle' },
    { layout: 'right' },
    { layout: 'stacked' },
  ])('shows %o in the pixels', async (change) => {
    expect([...(await pixelsOf(change))]).not.toEqual([...(await pixelsOf({}))]);
  });

  it('paints the background in the hue', async () => {
    // Hue 0, saturation 0.62, value 0.72: red 0.72 · 255 = 184, green and blue 0.72 · 0.38 · 255 = 70.
    expect([...(await pixelsOf({})).subarray(0, 3)]).toEqual([184, 70, 70]);
    expect([...(await pixelsOf({ hue: 2 / 3 })).subarray(0, 3)]).toEqual([70, 70, 184]);
  });

  it('covers more of the background with a larger headline', async () => {
    const covered = (data: Uint8Array): number =>
      data.filter((channel, index) => index % 3 === 1 && channel !== 70).length;
    expect(covered(await pixelsOf({ headline: 1 }))).toBeGreaterThan(covered(await pixelsOf({ headline: 0 })) + 100);
  });
});
