/**
 * Lets so much a second pass, and a second's worth at once after a pause. What is larger than that passes a full bucket, and is made up
 * for afterwards: one that only gave what it holds would never let it pass.
 */
export class RateBucket {
  readonly #perS: number;
  #held: number;
  #atMs: number;

  /** `perS`: how much a second. `nowMs`: monotonic milliseconds, as at each later call. */
  constructor(perS: number, nowMs: number) {
    this.#perS = perS;
    this.#held = perS;
    this.#atMs = nowMs;
  }

  /** 0 where it passes, else the milliseconds after which it does. */
  take(amount: number, nowMs: number): number {
    this.#fill(nowMs);
    const needed = Math.min(amount, this.#perS);
    if (this.#held < needed) return (1000 * (needed - this.#held)) / this.#perS;
    this.#held -= amount;
    return 0;
  }

  /** Whether it is as it was at first. */
  isFull(nowMs: number): boolean {
    this.#fill(nowMs);
    return this.#held >= this.#perS;
  }

  #fill(nowMs: number): void {
    this.#held = Math.min(this.#perS, this.#held + (this.#perS * (nowMs - this.#atMs)) / 1000);
    this.#atMs = nowMs;
  }
}
