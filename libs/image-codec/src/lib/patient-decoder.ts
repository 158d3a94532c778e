import type { ImageDecoder, ImageJob } from './image-decoder.ts';

/**
 * Decodes where it costs others nothing, and what is not done there within a while elsewhere too: on a machine without idle time it would
 * never be. The first answer counts; while an image is still there that was answered elsewhere, nothing else is brought there.
 */
export class PatientDecoder implements ImageDecoder {
  readonly lowPriority = true;
  readonly #first: ImageDecoder;
  readonly #then: ImageDecoder;
  readonly #patienceMs: number;
  #overtaken = 0;

  /** `patienceMs`: wall milliseconds. */
  constructor(first: ImageDecoder, then: ImageDecoder, patienceMs: number) {
    this.#first = first;
    this.#then = then;
    this.#patienceMs = patienceMs;
  }

  resize(job: ImageJob): Promise<Uint8Array> {
    if (this.#overtaken > 0) return this.#then.resize(job);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    let isOvertaken = false;
    const patience = setTimeout(() => {
      isOvertaken = true;
      this.#overtaken += 1;
      void this.#then.resize(job).then(resolve, reject);
    }, this.#patienceMs);
    const ended = (): void => {
      clearTimeout(patience);
      if (isOvertaken) this.#overtaken -= 1;
    };
    void this.#first.resize(job).then(resolve, reject).finally(ended);
    return promise;
  }
}
