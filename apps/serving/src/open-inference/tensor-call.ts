import type { ElementType, TensorSpec } from '@adstocrat/inference';
import { InvalidRequest } from '@adstocrat/service-kit';
import { BadInput } from '../infer/inference-failure.ts';
import type { ModelDescription } from '../infer/model-description.ts';
import { elementTensor } from '../infer/tensors/element-values.ts';
import type { TensorAnswer, TensorRequest, TensorService } from '../infer/tensors/tensor-service.ts';
import type { TensorSignature } from '../infer/tensors/tensor-signature.ts';
import { type Datatype } from './datatype.ts';
import { requestPrefix } from './failure-words.ts';
import { elementsOf } from './shape.ts';
import type { WireAnswer, WireOutput } from './wire-answer.ts';
import type { WireRequest } from './wire-request.ts';

const datatypes: Readonly<Record<ElementType, Datatype>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  uint16: 'UINT16',
  uint32: 'UINT32',
  uint64: 'UINT64',
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
  float64: 'FP64',
  string: 'BYTES',
};

export function datatypeOfElements(type: ElementType): Datatype {
  return datatypes[type];
}

/** A tensor's shape as metadata tells it: a rank that is unknown has no word in the protocol. */
export function shapeTold({ shape = [-1] }: TensorSpec): bigint[] {
  return shape.map(BigInt);
}

/** Answers an infer request to a plain ONNX model. Throws `BadInput`, or {@link InvalidRequest} in Triton's words. */
export async function inferTensors(
  service: TensorService,
  { model, version, signature }: ModelDescription & { readonly signature: TensorSignature },
  request: WireRequest,
  waiting: Pick<TensorRequest, 'protocol' | 'signal' | 'deadlineMs'>,
): Promise<{ readonly answer: TensorAnswer; readonly wire: WireAnswer }> {
  const specs = new Map(signature.inputs.map((spec) => [spec.name, spec]));
  refuseOther(model, request, signature);
  const inputs = new Map(
    request.inputs.map((input) => {
      const { name, shape } = input;
      const spec = specs.get(name) as TensorSpec;
      return [name, elementTensor(spec, input, shape, elementsOf(name, shape))] as const;
    }),
  );
  const answer = await service.infer({ ...waiting, model, version, inputs });
  const byDefault = signature.outputs.map(({ name }) => ({ name, binary: request.allBinary === true }));
  const outputs = (request.outputs.length === 0 ? byDefault : request.outputs).flatMap((wanted): WireOutput[] => {
    const output = answer.outputs.get(wanted.name);
    if (output === undefined) return [];
    return [{ ...wanted, datatype: datatypes[output.type], shape: output.shape, values: output.data }];
  });
  return { answer, wire: { model, version: String(version), id: request.id, outputs } };
}

function refuseOther(model: string, { id, inputs, outputs }: WireRequest, signature: TensorSignature): void {
  const prefix = requestPrefix(id);
  const given = inputs.map(({ name }) => name);
  const missing = signature.inputs.filter(({ name }) => !given.includes(name)).map(({ name }) => name);
  const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(',');
  const unknown = inputs.find(({ name }) => !signature.inputs.some((spec) => spec.name === name));
  if (unknown !== undefined) throw new BadInput('unknown', unknown.name, 'is no input of the model');
  if (missing.length > 0)
    throw new InvalidRequest(
      `${prefix}expected ${signature.inputs.length} inputs but got ${given.length} inputs for model '${model}'. Got input(s) [${quoted(given)}], but missing required input(s) [${quoted(missing)}]. Please provide all required input(s).`,
    );
  for (const { name, datatype } of inputs) {
    const spec = signature.inputs.find((one) => one.name === name);
    if (spec !== undefined && datatypes[spec.type] !== datatype)
      throw new InvalidRequest(
        `${prefix}inference input '${name}' data-type is '${datatype}', but model '${model}' expects '${datatypes[spec.type]}'`,
      );
  }
  for (const { name, shape } of inputs) {
    const expected = signature.inputs.find((one) => one.name === name)?.shape;
    if (
      expected !== undefined &&
      (shape.length !== expected.length || expected.some((size, at) => size >= 0 && size !== shape[at]))
    )
      throw new InvalidRequest(
        `${prefix}unexpected shape for input '${name}' for model '${model}'. Expected [${expected.join(',')}], got [${shape.join(',')}]`,
      );
  }
  for (const { name } of outputs)
    if (!signature.outputs.some((output) => output.name === name))
      throw new InvalidRequest(`unexpected inference output '${name}' for model '${model}'`);
}
