import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { BadImage, decodeRgb, ofPixels } from './decode-rgb.ts';

/** Two by one: red, then half-transparent blue. */
const pixels = Buffer.from([255, 0, 0, 255, 0, 0, 255, 128]);
const image = (): Sharp => sharp(pixels, { raw: { width: 2, height: 1, channels: 4 } });

/** Two frames of one pixel: 10, then 90. */
function frames(format: 'gif' | 'webp'): Promise<Buffer> {
  const raw = { width: 1, height: 2, channels: 3 as const, pageHeight: 1 };
  return sharp(Buffer.from([10, 10, 10, 90, 90, 90]), { raw })
    .toFormat(format, { lossless: true })
    .toBuffer();
}

/** A PNG of so many grey pixels, all 0, by hand. */
function pngOf(width: number, height: number, bits: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length);
    const body = Buffer.concat([Buffer.from(type), data]);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = bits;
  const rows = Buffer.alloc((1 + Math.ceil((width * bits) / 8)) * height);
  return Buffer.concat([
    Buffer.from('\u0089PNG\r\n\u001a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

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

  it.each(['jpeg', 'png', 'webp', 'gif', 'avif'] as const)('takes %s', async (format) => {
    const bytes = await image().flatten({ background: '#fff' }).resize(16, 8).toFormat(format).toBuffer();
    expect(await decodeRgb(bytes)).toMatchObject({ width: 16, height: 8 });
  });

  it('takes the first frame of a GIF', async () => {
    expect([...(await decodeRgb(await frames('gif'))).data]).toEqual([10, 10, 10]);
  });

  it('never hands an image of a page to a decoder', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><rect width="4" height="4"/></svg>';
    for (const page of [svg, `<?xml version="1.0"?>\n${svg}`, `\uFEFF${svg}`])
      await expect(decodeRgb(Buffer.from(page))).rejects.toThrow(/^not an image/);
    // Also where it is not told by its beginning.
    await expect(sharp(Buffer.from(svg)).raw().toBuffer()).rejects.toThrow(/unsupported image format/);
  });

  it('decodes nothing of more than 64 megapixels', async () => {
    // 20,000 by 20,000 pixels of one bit, all 0: 50 kB that would be 1.2 GB.
    const bomb = pngOf(20_000, 20_000, 1);
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().rss;
    await expect(decodeRgb(bomb)).rejects.toThrow('more than 64000000 pixels');
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  });

  it.each([
    ['an animated WebP', frames('webp'), 'animated webp'],
    ['a TIFF', image().tiff().toBuffer(), 'not an image'],
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

describe('ofPixels', () => {
  it('makes something of the pixels that decodeRgb has, and leaves none of them', async () => {
    const bytes = await image().png().toBuffer();
    let held: Uint8Array | undefined;
    const seen = await ofPixels(bytes, ({ width, height, data }) => {
      held = data;
      return { width, height, data: [...data] };
    });
    const { width, height, data } = await decodeRgb(bytes);
    expect(seen).toEqual({ width, height, data: [...data] });
    expect(held).toHaveLength(0);
  });

  it('leaves none where nothing could be made of them', async () => {
    let held: Uint8Array | undefined;
    const made = ofPixels(await image().png().toBuffer(), ({ data }) => {
      held = data;
      throw new RangeError('too wide');
    });
    await expect(made).rejects.toThrow(new RangeError('too wide'));
    expect(held).toHaveLength(0);
  });

  it('holds a few images at most, however many are decoded', async () => {
    // 12 MB each; the heap has nothing for which it would be collected.
    const bytes = pngOf(2000, 2000, 8);
    await ofPixels(bytes, () => undefined);
    const before = process.memoryUsage().external;
    for (let one = 0; one < 20; one += 1) await ofPixels(bytes, () => undefined);
    expect(process.memoryUsage().external - before).toBeLessThan(24 << 20);
  });
});
