import sharp from 'sharp';
import type { RgbImage } from '@adstocrat/transforms';

/** Bytes that are no image that can be used. The message says why. */
export class BadImage extends Error {
  override readonly name = 'BadImage';
}

/** Pixels of an image, at most. */
const limitInputPixels = 64_000_000;

// One image at a time in a thread of its own: callers decide how many at once.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes PNG, JPEG, WebP, GIF (first frame), AVIF or TIFF to 8-bit sRGB, upright by its EXIF orientation, transparent parts
 * over white. Throws {@link BadImage} for what is truncated, no image, or larger than 64 megapixels.
 */
export async function decodeRgb(bytes: Uint8Array): Promise<RgbImage> {
  if (bytes.length === 0) throw new BadImage('empty file');
  try {
    const { data, info } = await sharp(bytes, { failOn: 'truncated', limitInputPixels, sequentialRead: true })
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new BadImage(`${info.channels} colour channels where 3 are expected`);
    return { width: info.width, height: info.height, data };
  } catch (error) {
    if (error instanceof BadImage) throw error;
    const message = (error as Error).message;
    if (/unsupported image format|Input buffer contains/i.test(message))
      throw new BadImage('not an image', { cause: error });
    if (/pixel limit/i.test(message)) throw new BadImage(`more than ${limitInputPixels} pixels`, { cause: error });
    throw new BadImage(`truncated or damaged: ${message.split('\n')[0] ?? ''}`, { cause: error });
  }
}
