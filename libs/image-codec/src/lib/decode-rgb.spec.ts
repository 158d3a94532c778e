import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { BadImage, decodeRgb } from './decode-rgb.ts';

/** Two by one: red, then half-transparent blue. */
const pixels = Buffer.from([255, 0, 0, 255, 0, 0, 255, 128]);
const image = (): Sharp => sharp(pixels, { raw: { width: 2, height: 1, channels: 4 } });

describe('decodeRgb', () => {
  it('lays transparent parts over white', async () => {
    const { width, height, data } = await decodeRgb(await image().png().toBuffer());
    expect([width, height]).toEqual([2, 1]);
    // Blue at alpha 128/255 over white: 255 − 255 · 128/255 = 127 in red and green.
    expect([...data]).toEqual([255, 0, 0, 127, 127, 255]);
  });

  it('turns an image upright', async () => {
    const turned = await image().flatten({ background: '#fff' }).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await decodeRgb(turned)).toMatchObject({ width: 1, height: 2 });
  });

  it('makes three channels of a grey image', async () => {
    const grey = await sharp(Buffer.from([7, 200]), { raw: { width: 2, height: 1, channels: 1 } })
      .png()
      .toBuffer();
    expect([...(await decodeRgb(grey)).data]).toEqual([7, 7, 7, 200, 200, 200]);
  });

  it.each([
    ['an empty file', Promise.resolve(Buffer.alloc(0)), 'empty file'],
    ['text', Promise.resolve(Buffer.from('<html>not found</html>')), 'not an image'],
    [
      'a truncated image',
      sharp({
        create: {
          width: 90,
          height: 90,
          channels: 3,
          background: '#123456',
          noise: { type: 'gaussian', mean: 100, sigma: 50 },
        },
      })
        .png()
        .toBuffer()
        .then((whole) => whole.subarray(0, whole.length / 2)),
      'truncated',
    ],
  ])('refuses %s', async (_what, bytes, reason) => {
    const decoded = decodeRgb(await bytes);
    await expect(decoded).rejects.toThrow(BadImage);
    await expect(decoded).rejects.toThrow(reason);
  });
});
