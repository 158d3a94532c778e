import { ResourceExhausted } from '@adstocrat/service-kit';

/** Pixels of the images that callers' requests have in progress: one caller's are bounded, so that what waits to be decoded is. */
export class CallerPixels {
  readonly #limit: number;
  readonly #inProgress = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws `ResourceExhausted` where they are more than a caller may have: all are given back then, and may be asked for again. */
  take(caller: string, pixels: number): void {
    const all = (this.#inProgress.get(caller) ?? 0) + pixels;
    if (all > this.#limit)
      throw new ResourceExhausted(
        `images of this caller that are in progress would have ${all} pixels, and may have ${this.#limit} (CALLER_MAX_PIXELS): ask again later`,
      );
    this.#inProgress.set(caller, all);
  }

  give(caller: string, pixels: number): void {
    const left = (this.#inProgress.get(caller) ?? 0) - pixels;
    if (left > 0) this.#inProgress.set(caller, left);
    else this.#inProgress.delete(caller);
  }
}
