import { InvalidRequest } from '@adstocrat/service-kit';
import type { JsonObject, JsonValue } from './json-document.ts';
import { formatError } from './request-document.ts';

/** What a predict body holds its tensors in: a list of rows, or a tensor each. */
export type PredictFormat =
  | { readonly format: 'row'; readonly instances: readonly JsonValue[] }
  | { readonly format: 'column'; readonly inputs: JsonValue };

/** Throws {@link InvalidRequest} in TensorFlow Serving's words for a body that has neither or both. */
export function predictFormat(body: JsonObject): PredictFormat {
  const [instances, inputs] = [body.get('instances'), body.get('inputs')];
  if (instances !== undefined && inputs !== undefined)
    throw formatError(body, "Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist ");
  if (instances !== undefined) {
    if (!Array.isArray(instances)) throw formatError(body, "Expecting 'instances' to be an list/array");
    if (instances.length === 0) throw formatError(body, "No values in 'instances' array");
    return { format: 'row', instances: instances as readonly JsonValue[] };
  }
  if (inputs === undefined) throw new InvalidRequest("Missing 'inputs' or 'instances' key");
  return { format: 'column', inputs };
}
