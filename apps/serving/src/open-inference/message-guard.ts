import { openInference as v2 } from '@adstocrat/schemas';
import type { InferenceLimits } from '../infer/admit.ts';
import { TooLarge } from '../infer/inference-failure.ts';
import { inferRequestParts } from './message-parts.ts';

/** More tensors and parameters than any request has. */
export const maxParts = 65_536;

/** Messages that were refused before they were read, each with why. */
const refused = new WeakMap<v2.ModelInferRequest, TooLarge>();

/**
 * The service as generated, but that an infer request of more parts or values than are answered at once is not made into objects: two
 * bytes of one may stand for an object of hundreds. The handler gets an empty request, of which {@link refusalOf} tells why.
 */
export function guardedService(limits: InferenceLimits): typeof v2.GRPCInferenceServiceService {
  // A part takes two bytes at least, a value one: what is no longer need not be counted.
  const harmlessBytes = Math.min(maxParts, limits.values);
  const requestDeserialize = (bytes: Buffer): v2.ModelInferRequest => {
    if (bytes.length <= harmlessBytes) return v2.ModelInferRequest.decode(bytes);
    const { parts, values } = inferRequestParts(bytes);
    const tooLarge = parts > maxParts ? tooMany('parts', parts, maxParts) : tooManyValues(values, limits);
    if (tooLarge === undefined) return v2.ModelInferRequest.decode(bytes);
    const empty = v2.ModelInferRequest.create();
    refused.set(empty, tooLarge);
    return empty;
  };
  const service = v2.GRPCInferenceServiceService;
  return {
    ...service,
    modelInfer: { ...service.modelInfer, requestDeserialize },
    modelStreamInfer: { ...service.modelStreamInfer, requestDeserialize },
  };
}

/** Why a request was refused before it was read; undefined for any other. */
export function refusalOf(request: v2.ModelInferRequest): TooLarge | undefined {
  return refused.get(request);
}

function tooManyValues(values: number, limits: InferenceLimits): TooLarge | undefined {
  // Each tensor has up to two dimensions beside its values.
  return values > limits.values + 2 * maxParts ? tooMany('values', values, limits.values) : undefined;
}

function tooMany(what: string, count: number, limit: number): TooLarge {
  const shown = what === 'parts' ? 'tensors and parameters' : 'values';
  return new TooLarge('values', limit, `the request has ${count} ${shown}: at most ${limit} are answered at once`);
}
