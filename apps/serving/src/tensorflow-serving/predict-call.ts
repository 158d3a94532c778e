import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { FailedPrecondition } from '@adstocrat/service-kit';
import type { CallContext } from '@adstocrat/service-kit/grpc';
import { predictionIdName } from '../infer/names.ts';
import { decodeTensors } from './decode-tensor.ts';
import { requestOptions, sendIds } from './grpc-call.ts';
import { targetOfSpec } from './model-target.ts';
import { refuseBooleans } from './refuse-booleans.ts';
import { refuseOutputs } from './output-filter.ts';
import { outputTensors, tensorProtoOf } from './output-tensors.ts';
import type { ServedModels } from './served-models.ts';
import { defaultSignature, signatureKind, signatureOutputs } from './signatures.ts';
import { plainModel, predictTensors } from './tensors/predict-tensors.ts';
import { inputWords, inTheirWords } from './words.ts';

/** PredictionService.Predict: the signature's tensors in, its outputs or those of the filter out. */
export async function predictCall(
  models: ServedModels,
  request: tfs.PredictRequest,
  context: CallContext,
): Promise<tfs.PredictResponse> {
  const { inputs, outputFilter, modelSpec } = request;
  const target = targetOfSpec(modelSpec);
  const resolved = await models.resolve(target);
  const plain = plainModel(await models.describe(target));
  if (plain !== undefined) return predictTensors(models, plain, request, requestOptions(context));
  const signatureName = modelSpec?.signatureName === '' ? defaultSignature : (modelSpec?.signatureName ?? '');
  const kind = signatureKind(signatureName);
  if (kind === undefined) throw new FailedPrecondition(`Serving signature key "${signatureName}" not found.`);
  const options = requestOptions(context, outputFilter.includes(predictionIdName));
  const answer = await inTheirWords(
    async () => {
      const tensors = decodeTensors(inputs);
      refuseBooleans(tensors, models.inputsOf(kind, target));
      const columns = models.columns(kind, tensors, resolved);
      refuseOutputs(outputFilter, signatureOutputs[kind]);
      return models.service.infer({ ...target, ...options, inputs: columns });
    },
    (error) => inputWords(error, inputs.keys(), () => models.inputsOf(kind, target).keys()),
  );
  const names = outputFilter.length > 0 ? outputFilter : signatureOutputs[kind].keys();
  const { predictionIds: _, ...withoutIds } = answer;
  const outputs = outputTensors(names, sendIds(context, answer, options) ? answer : withoutIds);
  return {
    modelSpec: tfs.ModelSpec.create({ name: target.model, version: BigInt(answer.version), signatureName }),
    outputs: new Map(Array.from(outputs, ([name, output]) => [name, tensorProtoOf(output)])),
  };
}
