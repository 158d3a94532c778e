import type { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { ModelTarget } from '../infer/inference-request.ts';
import { servableNotFound } from './words.ts';

/** The model that a message asks for. Throws {@link InvalidRequest} or `NotFound` in TensorFlow Serving's words. */
export function targetOfSpec(spec: tfs.ModelSpec | undefined): ModelTarget {
  if (spec === undefined) throw new InvalidRequest('Missing ModelSpec');
  const { name, version, versionLabel } = spec;
  if (name === '') throw new InvalidRequest('ModelSpec has no name specified.');
  return modelTarget(name, version, versionLabel);
}

/** A version that no number of ours holds is one that is not there. */
export function modelTarget(model: string, version: bigint | undefined, label: string | undefined): ModelTarget {
  if (version !== undefined && !Number.isSafeInteger(Number(version))) throw servableNotFound(model, version);
  return {
    model,
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(label === undefined ? {} : { label }),
  };
}
