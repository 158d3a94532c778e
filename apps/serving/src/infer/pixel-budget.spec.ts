import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { statusCode } from '@adstocrat/service-kit';
import { CallerPixels } from './caller-pixels.ts';
import { TooLarge } from './inference-failure.ts';
import { PixelBudget } from './pixel-budget.ts';

/** A PNG of this size up to where its pixels would begin. */
function png(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    chunk('IDAT', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(data.length, 0);
  body.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}

const any = new CallerPixels(Infinity);

describe('PixelBudget', () => {
  it('refuses 16 images of 8000 × 8000 from their headers, at the one that is too many', async () => {
    const images = Array.from({ length: 16 }, () => png(8000, 8000));
    const taken = new PixelBudget(100_000_000, any).take(images, 256);
    await expect(taken).rejects.toThrow(TooLarge);
    await expect(taken).rejects.toThrow(/image of row 257 .* 128000000 pixels: at most 100000000/);
  });

  it('counts over slices, and an image that stands for many rows once', async () => {
    const budget = new PixelBudget(250, any);
    const image = png(10, 10);
    await budget.take([image, null, image, image], 0);
    await budget.take([image, png(10, 10)], 4);
    await expect(budget.take([png(10, 10)], 6)).rejects.toThrow('row 6');
  });

  it('names the row of what is no image', async () => {
    await expect(new PixelBudget(1e6, any).take([null, png(1, 1), Buffer.from('no')], 10)).rejects.toThrow(
      /"image_bytes", row 12: not an image/,
    );
  });

  it('bounds what the requests of one caller have in progress, and gives it back when they end', async () => {
    const callers = new CallerPixels(250);
    const [first, second, another] = ['a', 'a', 'b'].map((caller) => new PixelBudget(250, callers, caller));
    await first?.take([png(10, 10)], 0);
    await first?.take([png(10, 10)], 1);
    await expect(second?.take([png(10, 10)], 0)).rejects.toMatchObject({
      code: statusCode.resourceExhausted,
      message: expect.stringMatching(/would have 300 pixels, and may have 250 \(CALLER_MAX_PIXELS\)/) as unknown,
    });
    second?.end();
    await another?.take([png(15, 15)], 0);
    first?.end();
    const third = new PixelBudget(250, callers, 'a');
    await third.take([png(15, 15)], 0);
  });
});
