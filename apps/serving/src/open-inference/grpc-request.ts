import type { openInference as v2 } from '@adstocrat/schemas';
import { InvalidRequest } from '@adstocrat/service-kit';
import type { InferenceLimits } from '../infer/admit.ts';
import { BadInput } from '../infer/inference-failure.ts';
import { type Datatype, datatypeNames, datatypeOf } from './datatype.ts';
import { rawValues } from './raw-values.ts';
import { RequestSizes } from './request-sizes.ts';
import { shapeOf } from './shape.ts';
import { holdsValues, typedValues } from './typed-contents.ts';
import { refuseTwice, refuseUnsupported, type WireInput, type WireRequest } from './wire-request.ts';

/**
 * A ModelInferRequest as the request it stands for. Data lies in `raw_input_contents`, an entry an input, or in each input's `contents`.
 * Throws {@link BadInput}, {@link InvalidRequest} or `TooLarge` naming the tensor.
 */
export function grpcRequest(message: v2.ModelInferRequest, limits: InferenceLimits): WireRequest {
  const { modelName, id, inputs, outputs, rawInputContents: raw } = message;
  refuseTwice('input', inputs);
  refuseTwice('output', outputs);
  if (raw.length > 0 && raw.length !== inputs.length)
    throw new InvalidRequest(
      `raw_input_contents has ${raw.length} entries for ${inputs.length} inputs of model '${modelName}'`,
    );
  const sizes = new RequestSizes(limits);
  return {
    id,
    inputs: inputs.map((input, at) => wireInput(modelName, input, raw[at], sizes)),
    outputs: outputs.map(({ name, parameters: asked }) => {
      refuseUnsupported(name, asked);
      return { name, binary: false };
    }),
  };
}

function wireInput(
  model: string,
  { name, datatype: said, shape: dims, contents, parameters }: v2.ModelInferRequest_InferInputTensor,
  raw: Uint8Array | undefined,
  sizes: RequestSizes,
): WireInput {
  refuseUnsupported(name, parameters);
  const datatype = datatypeIn(name, said);
  const shape = shapeOf(name, dims);
  const elements = sizes.elementsOf(name, shape);
  if (raw === undefined)
    return { name, datatype, shape, ...typedValues({ name, datatype, shape }, elements, contents) };
  if (holdsValues(contents))
    throw new InvalidRequest(
      `contents field must not be specified when using raw_input_contents for '${name}' for model '${model}'`,
    );
  return { name, datatype, shape, ...rawValues({ name, datatype, shape }, elements, raw) };
}

/** Throws {@link BadInput} for a word that is no datatype. */
export function datatypeIn(name: string, said: unknown): Datatype {
  const datatype = typeof said === 'string' ? datatypeOf(said) : undefined;
  if (datatype === undefined)
    throw new BadInput(
      'dtype',
      name,
      `has datatype ${JSON.stringify(said)?.slice(0, 80)}: ${datatypeNames.join(', ')} are understood`,
    );
  return datatype;
}
