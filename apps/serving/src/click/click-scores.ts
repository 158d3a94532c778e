import type { InferenceAnswer, InferenceRequest } from '../infer/inference-request.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { type ClickRequest, inputsOf } from './click-request.ts';
import type { PredictionTokens } from './prediction-tokens.ts';

/** How long somebody waits for an answer, and by which transport. */
export type Waiting = Pick<InferenceRequest, 'caller' | 'signal' | 'deadlineMs'> & {
  readonly protocol: 'click-grpc' | 'click-rest';
};

export interface ClickAnswer extends InferenceAnswer {
  /** One a row; absent where none were asked for. */
  readonly tokens?: readonly string[];
}

/** Answers requests in names, whichever transport they came by. */
export class ClickScores {
  readonly #service: InferenceService;
  readonly #tokens: PredictionTokens;

  constructor(service: InferenceService, tokens: PredictionTokens) {
    this.#service = service;
    this.#tokens = tokens;
  }

  /** All rows by one version, or none. Throws what {@link InferenceService.infer} and {@link PredictionTokens.check} throw. */
  async score(request: ClickRequest, waiting: Waiting): Promise<ClickAnswer> {
    const { target, rows, unlogged, tokens } = request;
    const { columns } = this.#service.resolveClicks(target).served;
    this.#tokens.check(request);
    const inputs = inputsOf(rows, columns, this.#service.limits);
    const answer = await this.#service.infer({ ...target, ...waiting, inputs, log: !unlogged, wantsIds: false });
    return tokens ? { ...answer, tokens: this.#tokens.of(answer.model, answer.predictionIds ?? []) } : answer;
  }
}
