import { BadImage, pixelCount } from '@adstocrat/image-codec';
import type { CallerPixels } from './caller-pixels.ts';
import { BadInput, TooLarge } from './inference-failure.ts';
import { imageBytesName } from './names.ts';

/** Adds up the pixels that the images of one request say they have, before any is decoded: a file of 30 kB may stand for 64 million. */
export class PixelBudget {
  readonly #limit: number;
  readonly #callers: CallerPixels;
  /** Whose request it is. */
  readonly caller: string;
  readonly #counted = new Map<Uint8Array, number>();
  #pixels = 0;
  #taken = 0;

  constructor(limit: number, callers: CallerPixels, caller = '') {
    this.#limit = limit;
    this.#callers = callers;
    this.caller = caller;
  }

  /** Of an image that was taken. */
  pixelsOf(image: Uint8Array): number {
    return this.#counted.get(image) ?? 0;
  }

  /** The images of the next rows, from `firstRow` of the request on. Throws {@link TooLarge} or {@link BadInput} naming the row, and what
   * `CallerPixels.take` throws. */
  async take(images: readonly (Uint8Array | null)[], firstRow: number): Promise<void> {
    for (const [at, image] of images.entries()) {
      if (image === null || this.#counted.has(image)) continue;
      const pixels = await pixelCount(image).catch((error: unknown) => {
        throw error instanceof BadImage ? new BadInput('value', imageBytesName, error.message, firstRow + at) : error;
      });
      this.#counted.set(image, pixels);
      this.#pixels += pixels;
      if (this.#pixels > this.#limit)
        throw new TooLarge(
          'pixels',
          this.#limit,
          `with the image of row ${firstRow + at} the images of the request have ${this.#pixels} pixels: at most ${this.#limit} are decoded for one request`,
        );
    }
    const more = this.#pixels - this.#taken;
    if (more === 0) return;
    this.#callers.take(this.caller, more);
    this.#taken = this.#pixels;
  }

  /** The request is over. */
  end(): void {
    if (this.#taken > 0) this.#callers.give(this.caller, this.#taken);
    this.#taken = 0;
  }
}
