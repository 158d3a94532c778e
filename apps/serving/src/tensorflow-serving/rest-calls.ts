import { InvalidRequest } from '@adstocrat/service-kit';
import type { InferenceAnswer, InferenceRequest, ModelTarget } from '../infer/inference-request.ts';
import { predictionIdName } from '../infer/names.ts';
import { refuseSignature, scoreExamples } from './example-calls.ts';
import { jsonExamples } from './json-examples.ts';
import { jsonInputs } from './json-inputs.ts';
import { classifyBody, type More, predictBody, regressBody } from './json-outputs.ts';
import { classScores, outputTensors } from './output-tensors.ts';
import { requestDocument } from './request-document.ts';
import { refuseBooleans } from './refuse-booleans.ts';
import { bodyWords } from './rest-words.ts';
import type { ServedModels } from './served-models.ts';
import { classes, defaultSignature, examplesInput, inputNames, signatureKind, signatureOutputs } from './signatures.ts';
import { plainModel, predictTensorsRest } from './tensors/predict-tensors.ts';
import { inTheirWords } from './words.ts';

export type RestOptions = Pick<InferenceRequest, 'protocol' | 'log' | 'wantsIds' | 'caller' | 'signal'>;

export interface RestAnswer {
  readonly answer: Pick<InferenceAnswer, 'version' | 'predictionIds'>;
  /** The body, with what is to be beside its results. */
  readonly body: (more: More) => string;
}

/** POST …:predict. The body is read first, then the model is looked up, then the inputs are read. */
export async function predictRest(
  models: ServedModels,
  target: () => ModelTarget,
  bytes: Uint8Array,
  options: RestOptions,
): Promise<RestAnswer> {
  const { body, signatureName } = requestDocument(bytes);
  const wanted = target();
  const resolved = await models.resolve(wanted);
  const plain = plainModel(await models.describe(wanted));
  if (plain !== undefined) {
    const text = await predictTensorsRest(models, plain, { body, signatureName }, options);
    return { answer: { version: plain.version }, body: () => text };
  }
  const kind = signatureKind(signatureName);
  if (kind === undefined)
    throw new InvalidRequest(`Serving signature name: "${signatureName}" not found in signature def`);
  const names = kind === 'predict' ? inputNames(resolved.served.columns) : new Set([examplesInput]);
  const { lists } = kind === 'predict' ? resolved.served : { lists: new Set<string>() };
  const { format, inputs } = jsonInputs(body, { names, lists, limits: models.service.limits });
  const dtypeOf = (name: string) => models.inputsOf(kind, wanted).get(name)?.dtype;
  const answer = await inTheirWords(
    async () => {
      refuseBooleans(inputs, models.inputsOf(kind, wanted));
      return models.service.infer({ ...wanted, ...options, inputs: models.columns(kind, inputs, resolved) });
    },
    (error) => bodyWords(error, { format, inputs, dtypeOf }),
  );
  const outputs = outputTensors(
    [...signatureOutputs[kind].keys()].filter((name) => name !== predictionIdName),
    answer,
  );
  return { answer, body: (more) => predictBody(format, outputs, more) };
}

/** POST …:classify and …:regress. */
export async function examplesRest(
  models: ServedModels,
  method: 'classify' | 'regress',
  target: () => ModelTarget,
  bytes: Uint8Array,
  options: RestOptions,
): Promise<RestAnswer> {
  const { body, signatureName } = requestDocument(bytes, { integersApart: true });
  const input = jsonExamples(body);
  const wanted = target();
  await models.resolve(wanted);
  refuseSignature(method, signatureName === '' ? defaultSignature : signatureName);
  const answer = await scoreExamples(models, wanted, input, options);
  const { scores } = answer;
  return {
    answer,
    body: (more) =>
      method === 'classify' ? classifyBody(classes, classScores(scores), more) : regressBody(scores, more),
  };
}
