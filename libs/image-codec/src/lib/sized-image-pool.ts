import { availableParallelism } from 'node:os';
import { DecodingProcess } from './decoding-process.ts';
import { type ImageAsk, ImagePool } from './image-pool.ts';
import { ImageThread } from './image-thread.ts';
import { PatientDecoder } from './patient-decoder.ts';

export interface SizedImagePoolOptions {
  /** Images of more pixels than this, as whoever asks says, are not for `small`. */
  readonly mostPixels: number;
  readonly small: ImagePool;
  readonly large: ImagePool;
}

/** Two pools: images of many pixels do not stand before small ones. */
export class SizedImagePool {
  readonly #options: SizedImagePoolOptions;

  constructor(options: SizedImagePoolOptions) {
    this.#options = options;
  }

  /** Turns of images that wait to be decoded now. */
  get waiting(): number {
    return this.#options.small.waiting + this.#options.large.waiting;
  }

  /** As {@link ImagePool.resize}. */
  resize(bytes: Uint8Array, size: number, ask: ImageAsk = {}): Promise<Uint8Array> {
    const { mostPixels, small, large } = this.#options;
    return ((ask.turn?.pixels ?? 0) > mostPixels ? large : small).resize(bytes, size, ask);
  }
}

/** As many as half of the processors, and two at least. */
const atOnce = Math.max(2, Math.floor(availableParallelism() / 2));
const maxWaiting = 1024;
/** Wall milliseconds that an image of 64 million pixels takes several times over where there is a processor for it. */
const patienceMs = 3000;
const large = new PatientDecoder(new DecodingProcess({ onlyIdle: true }), new DecodingProcess(), patienceMs);

/**
 * The pool of this process. Images that their caller says have more than 2 million pixels, 16 ms of a processor or so, are decoded in a
 * process of low priority, and all others in threads; so many at once in each, but no more in the process than sharp has threads there.
 */
export const sharedImagePool = new SizedImagePool({
  mostPixels: 2_000_000,
  small: new ImagePool({ decoders: Array.from({ length: atOnce }, () => new ImageThread()), maxWaiting }),
  large: new ImagePool({ decoders: Array.from({ length: Math.min(4, atOnce) }, () => large), maxWaiting }),
});
