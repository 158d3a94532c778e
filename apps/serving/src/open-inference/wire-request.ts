import { InvalidRequest } from '@adstocrat/service-kit';
import type { ModelTarget } from '../infer/inference-request.ts';
import { quoted } from '../infer/inference-failure.ts';
import type { TensorValues } from '../infer/tensor.ts';
import type { Datatype } from './datatype.ts';

/** An infer request of the Open Inference Protocol, read from gRPC or REST. */
export interface WireRequest {
  /** Empty where the caller gave none. */
  readonly id: string;
  readonly inputs: readonly WireInput[];
  /** The outputs that are asked for; none: all. */
  readonly outputs: readonly WantedOutput[];
  /** True where outputs that are not asked for by name are wanted as binary data. */
  readonly allBinary?: boolean;
}

/** What a request says of an input beside its values. */
export interface WireTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

export type WireInput = TensorValues & WireTensor;

export interface WantedOutput {
  readonly name: string;
  /** True: as binary data behind the JSON. Over gRPC it has no meaning. */
  readonly binary: boolean;
}

/**
 * The model and version that a path or message names. A version is a number or a label, `stable` or `canary`; none: the split in force
 * decides.
 */
export function targetOf(model: string, version: string): ModelTarget {
  if (version === '') return { model };
  return /^(?:0|[1-9]\d{0,15})$/.test(version) && Number.isSafeInteger(Number(version))
    ? { model, version: Number(version) }
    : { model, label: version };
}

/** Parameters of tensors that would be silently wrong if nobody looked at them. */
const unsupported = ['shared_memory_region', 'shared_memory_byte_size', 'shared_memory_offset', 'classification'];

/** Throws {@link InvalidRequest} for parameters that ask for shared memory or classification. */
export function refuseUnsupported(tensor: string, parameters: Iterable<readonly [name: string, value: unknown]>): void {
  for (const [parameter] of parameters)
    if (unsupported.includes(parameter))
      throw new InvalidRequest(`tensor ${quoted(tensor)}: the parameter ${parameter} is not supported`);
}

/** Throws {@link InvalidRequest} where two tensors have one name. */
export function refuseTwice(what: 'input' | 'output', tensors: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of tensors) {
    if (seen.has(name)) throw new InvalidRequest(`${what} '${name}' already exists in request`);
    seen.add(name);
  }
}
