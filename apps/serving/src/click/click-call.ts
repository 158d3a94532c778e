import type { InferenceAnswer, InferenceRequest } from '../infer/inference-request.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { type ClickRequest, inputsOf } from './click-request.ts';

/** How long somebody waits for an answer, and by which transport. */
export type Waiting = Pick<InferenceRequest, 'signal' | 'deadlineMs'> & {
  readonly protocol: 'click-grpc' | 'click-rest';
};

/** Answers a request in names: all rows by one version, or none. Throws what {@link InferenceService.infer} throws. */
export async function score(
  service: InferenceService,
  { target, rows, unlogged }: ClickRequest,
  waiting: Waiting,
): Promise<InferenceAnswer> {
  const { columns } = service.resolveClicks(target).served;
  const inputs = inputsOf(rows, columns, service.limits);
  return service.infer({ ...target, ...waiting, inputs, log: !unlogged, wantsIds: false });
}
