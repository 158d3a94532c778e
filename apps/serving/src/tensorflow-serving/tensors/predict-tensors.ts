import type { TensorSpec } from '@adstocrat/inference';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { FailedPrecondition, InvalidRequest } from '@adstocrat/service-kit';
import { BadInput } from '../../infer/inference-failure.ts';
import type { ModelDescription } from '../../infer/model-description.ts';
import { checkTensors } from '../../infer/tensors/check-tensors.ts';
import { elementTensor } from '../../infer/tensors/element-values.ts';
import type { TensorRequest } from '../../infer/tensors/tensor-service.ts';
import type { TensorSignature } from '../../infer/tensors/tensor-signature.ts';
import type { JsonObject } from '../json-document.ts';
import { refuseOutputs } from '../output-filter.ts';
import type { ServedModels } from '../served-models.ts';
import { defaultSignature } from '../signatures.ts';
import { inTheirWords, modelWords, sizeText } from '../words.ts';
import { jsonTensors } from './json-tensors.ts';
import { tensorBody } from './tensor-body.ts';
import { ElementSizes, protoOfTensor, saidTensor, tensorOfProto } from './tensor-proto.ts';

type Plain = ModelDescription & { readonly signature: TensorSignature };
type Waiting = Pick<TensorRequest, 'protocol' | 'signal' | 'deadlineMs'>;

/** Undefined for a version that scores clicks. */
export function plainModel(description: ModelDescription): Plain | undefined {
  const { signature } = description;
  return signature.kind === 'tensors' ? { ...description, signature } : undefined;
}

/** PredictionService.Predict of a plain ONNX model. */
export async function predictTensors(
  models: ServedModels,
  { model, version, signature }: Plain,
  { modelSpec, inputs, outputFilter }: tfs.PredictRequest,
  waiting: Waiting,
): Promise<tfs.PredictResponse> {
  const signatureName = modelSpec?.signatureName === '' ? defaultSignature : (modelSpec?.signatureName ?? '');
  if (signatureName !== defaultSignature)
    throw new FailedPrecondition(`Serving signature key "${signatureName}" not found.`);
  const names = new Set(signature.outputs.map(({ name }) => name));
  refuseOutputs(outputFilter, names);
  const answer = await inTheirWords(
    async () => {
      const said = new Map(Array.from(inputs, ([name, tensor]) => [name, saidTensor(name, tensor)]));
      checkTensors(signature, said);
      const sizes = new ElementSizes(models.tensors.limits);
      const given = new Map(
        signature.inputs.map((spec) => {
          const { name } = spec;
          return [name, tensorOfProto(spec, inputs.get(name) as tfs.TensorProto, said.get(name)?.shape ?? [], sizes)];
        }),
      );
      return models.tensors.infer({ ...waiting, model, version, inputs: given });
    },
    (error) => inputWords(error, inputs.keys(), signature),
  );
  const wanted = outputFilter.length > 0 ? outputFilter : [...names];
  return {
    modelSpec: tfs.ModelSpec.create({ name: model, version: BigInt(version), signatureName }),
    outputs: new Map(
      wanted.flatMap((name) => {
        const output = answer.outputs.get(name);
        return output === undefined ? [] : [[name, protoOfTensor(output)] as const];
      }),
    ),
  };
}

/** POST …:predict of a plain ONNX model: its body's text. */
export async function predictTensorsRest(
  models: ServedModels,
  { model, version, signature }: Plain,
  { body, signatureName }: { readonly body: JsonObject; readonly signatureName: string },
  waiting: Waiting,
): Promise<string> {
  if (signatureName !== '' && signatureName !== defaultSignature)
    throw new InvalidRequest(`Serving signature name: "${signatureName}" not found in signature def`);
  const names = new Set(signature.inputs.map(({ name }) => name));
  const { limits } = models.tensors;
  const { format, inputs } = jsonTensors(body, names, limits);
  const answer = await inTheirWords(async () => {
    checkTensors(signature, inputs);
    const given = new Map(
      Array.from(inputs, ([name, { shape, values }]) => {
        const spec = signature.inputs.find((one) => one.name === name) as TensorSpec;
        return [name, elementTensor(spec, { kind: 'mixed', values }, shape, values.length)];
      }),
    );
    return models.tensors.infer({ ...waiting, model, version, inputs: given });
  });
  return tensorBody(format, answer.outputs);
}

function inputWords(error: unknown, given: Iterable<string>, { inputs }: TensorSignature): unknown {
  if (!(error instanceof BadInput) || (error.reason !== 'unknown' && error.reason !== 'missing'))
    return modelWords(error);
  const names = new Set(inputs.map(({ name }) => name));
  return new InvalidRequest(sizeText(new Set(given), names, names), { cause: error });
}
