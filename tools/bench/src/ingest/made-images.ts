import sharp from 'sharp';

/** Images that are encoded. */
const encodedImages = 256;

/** As many JPEG files as one likes, of so many pixels a side, each content another: what is encoded once differs in its comment after that. */
export class MadeImages {
  readonly #encoded: readonly Buffer[];

  private constructor(encoded: readonly Buffer[]) {
    this.#encoded = encoded;
  }

  static async of(count: number, side: number): Promise<MadeImages> {
    const numbers = Array.from({ length: Math.min(count, encodedImages) }, (_, index) => index);
    return new MadeImages(await Promise.all(numbers.map((index) => encodeImage(index, side))));
  }

  /** The same at each call. `index` is less than 2³². */
  bytesOf(index: number): Buffer {
    const encoded = this.#encoded[index % this.#encoded.length] as Buffer;
    // A JPEG begins with its marker of two bytes; a comment says how long it is, and that in it.
    const comment = Buffer.from([0xff, 0xfe, 0, 6, 0, 0, 0, 0]);
    comment.writeUInt32BE(index, 4);
    return Buffer.concat([encoded.subarray(0, 2), comment, encoded.subarray(2)]);
  }
}

/** Waves compress as photographs do: neither a plain ground nor noise. */
export function encodeImage(index: number, side: number): Promise<Buffer> {
  const pixels = Buffer.alloc(3 * side * side);
  for (let at = 0; at < pixels.length; at += 1) {
    const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
    pixels[at] = 128 + 90 * Math.sin((x * (3 + (index % 7)) + at) / side) * Math.cos((y * 11 + index) / side);
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}
