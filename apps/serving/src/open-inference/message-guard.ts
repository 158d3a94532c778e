import { openInference as v2 } from '@adstocrat/schemas';
import { guardedDecode } from '../grpc/guarded-decode.ts';
import type { InferenceLimits } from '../infer/admit.ts';
import { TooLarge } from '../infer/inference-failure.ts';
import { inferRequestParts } from './message-parts.ts';

/** More tensors and parameters than any request has. */
export const maxParts = 65_536;

/**
 * The service as generated, but that an infer request of more parts or values than are answered at once is not made into objects: two
 * bytes of one may stand for an object of hundreds.
 */
export function guardedService(limits: InferenceLimits): typeof v2.GRPCInferenceServiceService {
  // A part takes two bytes at least, a value one: what is no longer need not be counted.
  const harmlessBytes = Math.min(maxParts, limits.values);
  const requestDeserialize = guardedDecode<v2.ModelInferRequest>(v2.ModelInferRequest, (bytes) => {
    if (bytes.length <= harmlessBytes) return undefined;
    const { parts, values } = inferRequestParts(bytes);
    return parts > maxParts ? tooMany('parts', parts, maxParts) : tooManyValues(values, limits);
  });
  const service = v2.GRPCInferenceServiceService;
  return {
    ...service,
    modelInfer: { ...service.modelInfer, requestDeserialize },
    modelStreamInfer: { ...service.modelStreamInfer, requestDeserialize },
  };
}

function tooManyValues(values: number, limits: InferenceLimits): TooLarge | undefined {
  // Each tensor has up to two dimensions beside its values.
  return values > limits.values + 2 * maxParts ? tooMany('values', values, limits.values) : undefined;
}

function tooMany(what: string, count: number, limit: number): TooLarge {
  const shown = what === 'parts' ? 'tensors and parameters' : 'values';
  return new TooLarge('values', limit, `the request has ${count} ${shown}: at most ${limit} are answered at once`);
}
