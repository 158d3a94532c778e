import { BadImage, pixelCount } from '@adstocrat/image-codec';
import { BadInput, TooLarge } from './inference-failure.ts';
import { imageBytesName } from './names.ts';

/** Adds up the pixels that the images of one request say they have, before any is decoded: a file of 30 kB may stand for 64 million. */
export class PixelBudget {
  readonly #limit: number;
  readonly #counted = new Set<Uint8Array>();
  #pixels = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The images of the next rows, from `firstRow` of the request on. Throws {@link TooLarge} or {@link BadInput} naming the row. */
  async take(images: readonly (Uint8Array | null)[], firstRow: number): Promise<void> {
    for (const [at, image] of images.entries()) {
      if (image === null || this.#counted.has(image)) continue;
      this.#counted.add(image);
      this.#pixels += await pixelCount(image).catch((error: unknown) => {
        throw error instanceof BadImage ? new BadInput('value', imageBytesName, error.message, firstRow + at) : error;
      });
      if (this.#pixels > this.#limit)
        throw new TooLarge(
          'pixels',
          this.#limit,
          `with the image of row ${firstRow + at} the images of the request have ${this.#pixels} pixels: at most ${this.#limit} are decoded for one request`,
        );
    }
  }
}
