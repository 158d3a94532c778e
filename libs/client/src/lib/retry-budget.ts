const usualTokens = 10;
const usualRatio = 0.1;

/**
 * How much of the traffic may be attempts that follow on failed ones: a failure costs a token, a success earns a part of one, and there is no
 * further attempt while half of the tokens or more are gone. A server that is down does not get a multiple of its load.
 * Source: gRPC proposal A6, "Throttling Retry Attempts and Hedged RPCs".
 */
export class RetryBudget {
  readonly #most: number;
  readonly #ratio: number;
  readonly #counted = new WeakSet<object>();
  #tokens: number;

  /** `tokens`: above 0. `ratio`: tokens that a success earns, above 0. */
  constructor({
    tokens = usualTokens,
    ratio = usualRatio,
  }: { readonly tokens?: number; readonly ratio?: number } = {}) {
    if (!(tokens > 0)) throw new RangeError(`tokens must be above 0, got ${tokens}`);
    if (!(ratio > 0)) throw new RangeError(`ratio must be above 0, got ${ratio}`);
    this.#most = this.#tokens = tokens;
    this.#ratio = ratio;
  }

  succeeded(): void {
    this.#tokens = Math.min(this.#most, this.#tokens + this.#ratio);
  }

  /** Whether another attempt may follow. One failure of many rows, as of the call that they shared, counts once. */
  failed(failure: object): boolean {
    if (!this.#counted.has(failure)) this.#tokens = Math.max(0, this.#tokens - 1);
    this.#counted.add(failure);
    return this.#tokens > this.#most / 2;
  }
}
