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
    // One is worked on, since one thread is for others, and 4 wait.
    const taken = Array.from({ length: 5 }, () => pool.resize(bytes, 4));
    await expect(pool.resize(bytes, 4)).rejects.toThrow(ImagePoolFull);
    // So many of one caller: others have their own room.
    expect(await pool.resize(bytes, 4, { caller: 'another', pixels: 1600 })).toHaveLength(48);
    for (const pixels of await Promise.all(taken)) expect(pixels).toHaveLength(48);
    expect(pool.waiting).toBe(0);
  });

  it('lets images of others overtake those of a caller who asks for many', async () => {
    const [large, small] = [await picture(900, 900), await picture(30, 30)];
    const ended: string[] = [];
    const asked = async (bytes: Uint8Array, caller: string, pixels: number): Promise<void> => {
      await pool.resize(bytes, 4, { caller, pixels });
      ended.push(caller);
    };
    await Promise.all([
      ...Array.from({ length: 4 }, () => asked(large, 'greedy', 810_000)),
      ...Array.from({ length: 3 }, () => asked(small, 'polite', 900)),
      asked(small, 'another', 900),
    ]);
    // Four small images are decoded in the time of one that is large, in the thread that one caller alone does not get.
    expect(ended.slice(-3)).toEqual(['greedy', 'greedy', 'greedy']);
  });

  it('shares one thread by pixels, whoever came first', async () => {
    const one = new ImagePool({ threads: 1, maxWaiting: 100 });
    const bytes = await picture(60, 60);
    const ended: string[] = [];
    const asked = (caller: string, count: number): Promise<unknown> =>
      Promise.all(
        Array.from({ length: count }, () =>
          one.resize(bytes, 4, { caller, pixels: 3600 }).then(() => ended.push(caller)),
        ),
      );
    await Promise.all([asked('a', 6), asked('b', 3)]);
    // The first of "a" is under way when "b" comes; then by turns, until "b" has all.
    expect(ended).toEqual(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'a', 'a']);
  });
});

describe('pixelCount', () => {
  it('reads the size that an image says, and decodes nothing', async () => {
    expect(await pixelCount(await picture(33, 20))).toBe(660);
    await expect(pixelCount(Buffer.from('no image'))).rejects.toThrow(BadImage);
  });
});
