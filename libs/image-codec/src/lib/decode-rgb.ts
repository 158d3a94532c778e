import sharp from 'sharp';
import type { RgbImage } from '@adstocrat/transforms';
import { type ImageFormat, imageFormat } from './image-format.ts';
import { mayBeTurned } from './may-be-turned.ts';

/** Bytes that are no image that can be used. The message says why. */
export class BadImage extends Error {
  override readonly name = 'BadImage';
  /** Which of the images it is, from 0, where there are several. */
  readonly row: number | undefined;

  constructor(message: string, options: ErrorOptions & { readonly row?: number } = {}) {
    super(message, options);
    this.row = options.row;
  }
}

/** Pixels of an image, at most: looked at before any is decoded. */
const limitInputPixels = 64_000_000;

// One image at a time in a thread of its own: callers decide how many at once.
sharp.concurrency(1);
sharp.cache(false);
// What strangers send reaches these decoders and no other, whatever it begins with.
const decoders = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}`);
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: decoders });

/**
 * Decodes JPEG, PNG, WebP, GIF (its first frame) or AVIF, told by content, to 8-bit sRGB: upright by its EXIF orientation,
 * transparent parts over white. Throws {@link BadImage} for what is none of these, animated WebP and AVIF, what is truncated or
 * damaged, and more than 64 megapixels.
 */
export async function decodeRgb(bytes: Uint8Array): Promise<RgbImage> {
  const format = formatOf(bytes);
  try {
    const image = sharp(bytes, { failOn: 'truncated', limitInputPixels, sequentialRead: true });
    if (format !== 'jpeg' || mayBeTurned(bytes)) image.autoOrient();
    const { data, info } = await image
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new BadImage(`${info.channels} colour channels where 3 are expected`);
    return { width: info.width, height: info.height, data };
  } catch (error) {
    throw badImage(error);
  }
}

/**
 * What is made at once of an image's pixels, which are as {@link decodeRgb} has them and gone afterwards. They lie outside of the heap: left to
 * the collector they stay long, and it looks through the whole heap for each few of them.
 */
export async function ofPixels<T>(bytes: Uint8Array, make: (image: RgbImage) => T): Promise<T> {
  const image = await decodeRgb(bytes);
  try {
    return make(image);
  } finally {
    const { buffer, byteLength } = image.data;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}

/** Pixels that an image says it has, from its first bytes alone: nothing is decoded. Throws {@link BadImage} for what is no image. */
export async function pixelCount(bytes: Uint8Array): Promise<number> {
  formatOf(bytes);
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: false, sequentialRead: true }).metadata();
    return width * height;
  } catch (error) {
    throw badImage(error);
  }
}

function badImage(error: unknown): BadImage {
  if (error instanceof BadImage) return error;
  const [message = ''] = (error as Error).message.split('\n');
  if (/pixel limit/i.test(message)) return new BadImage(`more than ${limitInputPixels} pixels`, { cause: error });
  return new BadImage(`truncated or damaged: ${message}`, { cause: error });
}

/** Throws {@link BadImage} for what no decoder is for. */
function formatOf(bytes: Uint8Array): ImageFormat {
  if (bytes.length === 0) throw new BadImage('empty file');
  const sniffed = imageFormat(bytes);
  if (sniffed === undefined) throw new BadImage('not an image: its content is no JPEG, PNG, WebP, GIF or AVIF');
  if (sniffed.animated) throw new BadImage(`animated ${sniffed.format}: one picture is needed`);
  return sniffed.format;
}
