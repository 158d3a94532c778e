import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { areaResize } from '@adstocrat/transforms';
import { BadImage, decodeRgb, pixelCount } from './decode-rgb.ts';
import { ImagePool, ImagePoolFull } from './image-pool.ts';

const picture = (width: number, height: number): Promise<Buffer> =>
  sharp(Buffer.from(Array.from({ length: width * height * 3 }, (_, at) => (at * 7) % 256)), {
    raw: { width, height, channels: 3 },
  })
    .png()
    .toBuffer();

describe('ImagePool', () => {
  const pool = new ImagePool({ threads: 2, maxWaiting: 4 });

  it('answers as decoding in this thread does', async () => {
    const bytes = await picture(33, 20);
    expect(await pool.resize(bytes, 8)).toEqual(areaResize(await decodeRgb(bytes), 8));
  });

  it('refuses what is no image, and goes on', async () => {
    await expect(pool.resize(Buffer.from('no image'), 8)).rejects.toThrow(/^not an image/);
    expect(await pool.resize(await picture(3, 3), 2)).toHaveLength(12);
  });

  it('takes no more than may wait, and all that it took', async () => {
    const bytes = await picture(40, 40);
    // 2 are worked on, 4 wait.
    const taken = Array.from({ length: 6 }, () => pool.resize(bytes, 4));
    await expect(pool.resize(bytes, 4)).rejects.toThrow(ImagePoolFull);
    for (const pixels of await Promise.all(taken)) expect(pixels).toHaveLength(48);
    expect(pool.waiting).toBe(0);
  });
});

describe('pixelCount', () => {
  it('reads the size that an image says, and decodes nothing', async () => {
    expect(await pixelCount(await picture(33, 20))).toBe(660);
    await expect(pixelCount(Buffer.from('no image'))).rejects.toThrow(BadImage);
  });
});
