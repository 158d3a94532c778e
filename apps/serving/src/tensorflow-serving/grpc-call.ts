import { InvalidRequest } from '@adstocrat/service-kit';
import type { CallContext } from '@adstocrat/service-kit/grpc';
import { answeredIds } from '../infer/answered-ids.ts';
import type { InferenceAnswer, InferenceRequest } from '../infer/inference-request.ts';
import { predictionIdKey, predictionIdsKey, predictionLogKey } from '../infer/names.ts';

/** What the metadata and the deadline of a call say of its request. `wantsIds`: the request itself asks for them. */
export function requestOptions(
  { header, caller, signal, deadlineMs }: CallContext,
  wantsIds = false,
): Pick<InferenceRequest, 'protocol' | 'log' | 'wantsIds' | 'caller' | 'signal' | 'deadlineMs'> {
  const asked = header(predictionIdsKey);
  if (asked !== undefined && asked !== 'body')
    throw new InvalidRequest(`metadata ${predictionIdsKey} must be "body", got "${asked}"`);
  return {
    protocol: 'tensorflow-grpc',
    log: header(predictionLogKey) !== 'off',
    wantsIds: wantsIds || asked === 'body',
    caller,
    signal,
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  };
}

/** Sends the ids of an answer in its metadata where they are few. True where its body is to hold them. */
export function sendIds(
  { sendHeaders }: CallContext,
  { predictionIds }: InferenceAnswer,
  { wantsIds }: Pick<InferenceRequest, 'wantsIds'>,
): boolean {
  const { header, inBody } = answeredIds(predictionIds, wantsIds);
  if (header !== undefined) sendHeaders({ [predictionIdKey]: header });
  return inBody;
}
