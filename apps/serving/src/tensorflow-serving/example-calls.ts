import { status } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { InvalidRequest, ServiceFailure } from '@adstocrat/service-kit';
import type { CallContext } from '@adstocrat/service-kit/grpc';
import type { InferenceAnswer, InferenceRequest, ModelTarget } from '../infer/inference-request.ts';
import { exampleInputs, examplesOf } from './example-inputs.ts';
import { requestOptions, sendIds } from './grpc-call.ts';
import { targetOfSpec } from './model-target.ts';
import { classScores } from './output-tensors.ts';
import type { ServedModels } from './served-models.ts';
import { classes, defaultSignature, inputNames, methodOf, signatureKind, type SignatureKind } from './signatures.ts';
import { inTheirWords } from './words.ts';

type Options = Pick<InferenceRequest, 'protocol' | 'log' | 'wantsIds' | 'caller' | 'signal' | 'deadlineMs'>;

/** Scores the examples of a request; whichever method asks, a row is answered and logged once. */
export async function scoreExamples(
  models: ServedModels,
  target: ModelTarget,
  input: tfs.Input | undefined,
  options: Options,
): Promise<InferenceAnswer> {
  const { served } = await models.resolve(target);
  const bounds = { names: inputNames(served.columns), lists: served.lists, limits: models.service.limits };
  return inTheirWords(async () =>
    models.service.infer({ ...target, ...options, inputs: exampleInputs(examplesOf(input), bounds) }),
  );
}

/**
 * Throws {@link InvalidRequest} where a call names a signature that is not of its method. The default one is, though a model's
 * `serving_default` takes columns: a client that names none gets what it asks for.
 */
export function refuseSignature(method: 'classify' | 'regress', name: string): void {
  const kind = signatureKind(name);
  if (kind === undefined) throw new InvalidRequest(`No signature was found with the name: ${name}`);
  if (kind === method || name === '' || name === defaultSignature) return;
  if (kind === 'predict') throw new InvalidRequest('Expected one input Tensor.');
  throw new InvalidRequest(
    method === 'classify'
      ? 'Expected classification signature outputs to contain at least one of "classes" or "scores".'
      : 'Expected one output Tensor.',
  );
}

/** PredictionService.Classify: for each example both classes with their probabilities. */
export async function classifyCall(
  models: ServedModels,
  { modelSpec, input }: tfs.ClassificationRequest,
  context: CallContext,
): Promise<tfs.ClassificationResponse> {
  const { answer, spec } = await answered(models, 'classify', modelSpec, input, context);
  return { modelSpec: spec, result: classificationOf(answer.scores) };
}

/** PredictionService.Regress: for each example the score. */
export async function regressCall(
  models: ServedModels,
  { modelSpec, input }: tfs.RegressionRequest,
  context: CallContext,
): Promise<tfs.RegressionResponse> {
  const { answer, spec } = await answered(models, 'regress', modelSpec, input, context);
  return { modelSpec: spec, result: regressionOf(answer.scores) };
}

/** PredictionService.MultiInference: the answers in the order of the tasks, of one version. */
export async function multiInferenceCall(
  models: ServedModels,
  { tasks, input }: tfs.MultiInferenceRequest,
  context: CallContext,
): Promise<tfs.MultiInferenceResponse> {
  const target = targetOfSpec(tasks[0]?.modelSpec ?? tfs.ModelSpec.create());
  await models.resolve(target);
  const kinds = taskKinds(tasks, target.model);
  const options = requestOptions(context);
  const answer = await scoreExamples(models, target, input, options);
  sendIds(context, answer, options);
  return {
    results: tasks.map(({ modelSpec }, at) =>
      tfs.InferenceResult.create({
        modelSpec: answeredSpec(answer, modelSpec),
        ...(kinds[at] === 'classify'
          ? { classificationResult: classificationOf(answer.scores) }
          : { regressionResult: regressionOf(answer.scores) }),
      }),
    ),
  };
}

/** What each task asks for. Throws {@link ServiceFailure} in TensorFlow Serving's words. */
function taskKinds(tasks: readonly tfs.InferenceTask[], model: string): readonly SignatureKind[] {
  const seen = new Set<string>();
  return tasks.map(({ modelSpec, methodName }) => {
    const { name, signatureName } = modelSpec ?? tfs.ModelSpec.create();
    if (name === '') throw new InvalidRequest('Found ModelSpec with an empty model name.');
    if (name !== model)
      throw new InvalidRequest('All ModelSpecs in a MultiInferenceRequest must access the same model name.');
    const signature = signatureName === '' ? defaultSignature : signatureName;
    if (seen.has(signature)) throw new InvalidRequest(`Duplicate evaluation of signature: ${signature}`);
    seen.add(signature);
    if (signatureKind(signature) === undefined)
      throw new InvalidRequest(`Requested signature not found in model graph: ${signature}`);
    for (const kind of ['classify', 'regress'] as const) {
      if (methodName !== methodOf(kind)) continue;
      refuseSignature(kind, signature);
      return kind;
    }
    throw new ServiceFailure(status.UNIMPLEMENTED, `Unsupported signature method_name: ${methodName}`);
  });
}

async function answered(
  models: ServedModels,
  method: 'classify' | 'regress',
  modelSpec: tfs.ModelSpec | undefined,
  input: tfs.Input | undefined,
  context: CallContext,
): Promise<{ readonly answer: InferenceAnswer; readonly spec: tfs.ModelSpec }> {
  const target = targetOfSpec(modelSpec);
  await models.resolve(target);
  refuseSignature(method, modelSpec?.signatureName ?? '');
  const options = requestOptions(context);
  const answer = await scoreExamples(models, target, input, options);
  sendIds(context, answer, options);
  return { answer, spec: answeredSpec(answer, modelSpec) };
}

function answeredSpec({ model, version }: InferenceAnswer, asked: tfs.ModelSpec | undefined): tfs.ModelSpec {
  const signatureName = asked?.signatureName ?? '';
  return tfs.ModelSpec.create({
    name: model,
    version: BigInt(version),
    signatureName: signatureName === '' ? defaultSignature : signatureName,
  });
}

function classificationOf(scores: Float32Array): tfs.ClassificationResult {
  const both = classScores(scores);
  return {
    classifications: Array.from(scores, (_, row) => ({
      classes: classes.map((label, at) => ({ label, score: both[row * classes.length + at] ?? NaN })),
    })),
  };
}

function regressionOf(scores: Float32Array): tfs.RegressionResult {
  return { regressions: Array.from(scores, (value) => ({ value })) };
}
