import type { Clock, PredictionKeys } from '@adstocrat/service-kit';
import { FailedPrecondition, InvalidRequest } from '@adstocrat/service-kit';
import type { ClickRequest } from './click-request.ts';

/** Most rows of a request that asks for tokens: signing is done in one go. */
const maxRows = 1000;

/** Signs which predictions an answer was, for pages that nobody trusts. */
export class PredictionTokens {
  readonly #keys: PredictionKeys;
  readonly #clock: Clock;
  readonly #lifeMs: number;

  /** `lifeMs`: on the system's clock. */
  constructor(keys: PredictionKeys, clock: Clock, lifeMs: number) {
    this.#keys = keys;
    this.#clock = clock;
    this.#lifeMs = lifeMs;
  }

  /** Throws what is wrong with a request that asks for tokens, before it is answered. */
  check({ rows, unlogged, tokens }: ClickRequest): void {
    if (!tokens) return;
    if (!this.#keys.any)
      throw new FailedPrecondition(
        'this server signs no tokens: set PREDICTION_KEYS_FILE or PREDICTION_KEYS, the same for serving and feedback',
      );
    if (unlogged)
      throw new InvalidRequest('tokens are signed for rows that are logged: "tokens" or "unlogged", not both');
    if (rows.length > maxRows)
      throw new InvalidRequest(`tokens are signed for at most ${maxRows} rows, the request has ${rows.length}`);
  }

  /** One an id, in their order. */
  of(model: string, predictionIds: readonly string[]): readonly string[] {
    const expiresMs = this.#clock.nowMs() + this.#lifeMs;
    return predictionIds.map((predictionId) => this.#keys.sign({ predictionId, model }, expiresMs));
  }
}
