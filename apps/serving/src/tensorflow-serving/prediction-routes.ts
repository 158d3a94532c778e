import { Metadata } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { FailedPrecondition, InvalidRequest } from '@adstocrat/service-kit';
import { unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { answeredIds } from '../infer/answered-ids.ts';
import type { ModelTarget } from '../infer/inference-request.ts';
import type { InferenceService } from '../infer/inference-service.ts';
import { predictionIdKey, predictionIdName, predictionIdsKey, predictionLogKey, scoreName } from '../infer/names.ts';
import { decodeTensors } from './decode-tensor.ts';
import { versionOf } from './version-of.ts';
import { inTheirWords, signature } from './words.ts';

const outputNames: readonly string[] = [scoreName, predictionIdName];

/** TensorFlow Serving's PredictionService. */
export function predictionRoutes(
  service: InferenceService,
  logger: Logger,
): Pick<tfs.PredictionServiceServer, 'predict'> {
  return {
    predict: unary<tfs.PredictRequest, tfs.PredictResponse>(
      logger,
      async (request, { metadata, signal, deadlineMs, sendMetadata }) => {
        const target = targetOf(request.modelSpec);
        const wanted = outputsOf(request);
        const asked = asksForIds(metadata) || request.outputFilter.includes(predictionIdName);
        const answer = await inTheirWords(async () => {
          service.resolve(target);
          return service.infer({
            ...target,
            inputs: decodeTensors(request.inputs),
            log: metadata.get(predictionLogKey)[0] !== 'off',
            wantsIds: asked,
            signal,
            ...(deadlineMs === undefined ? {} : { deadlineMs }),
          });
        });
        const { predictionIds: ids = [] } = answer;
        const { header, inBody } = answeredIds(answer.predictionIds, asked);
        if (header !== undefined) {
          const initial = new Metadata();
          initial.set(predictionIdKey, header);
          sendMetadata(initial);
        }
        const outputs = new Map<string, tfs.TensorProto>();
        if (wanted.has(scoreName)) outputs.set(scoreName, scoreTensor(answer.scores));
        if (inBody && wanted.has(predictionIdName)) outputs.set(predictionIdName, idTensor(ids));
        return {
          modelSpec: tfs.ModelSpec.create({
            name: target.model,
            version: BigInt(answer.version),
            signatureName: signature,
          }),
          outputs,
        };
      },
    ),
  };
}

/** Throws {@link InvalidRequest} or {@link FailedPrecondition}, in TensorFlow Serving's words. */
function targetOf(spec: tfs.ModelSpec | undefined): ModelTarget {
  if (spec === undefined) throw new InvalidRequest('Missing ModelSpec');
  const { name, versionLabel, signatureName } = spec;
  const version = versionOf(spec);
  if (name === '') throw new InvalidRequest('ModelSpec has no name specified.');
  if (signatureName !== '' && signatureName !== signature)
    throw new FailedPrecondition(`Serving signature key "${signatureName}" not found.`);
  return {
    model: name,
    ...(version === undefined ? {} : { version }),
    ...(versionLabel === undefined || versionLabel === '' ? {} : { label: versionLabel }),
  };
}

/** The outputs that the request's filter names; all where it names none. */
function outputsOf({ outputFilter }: tfs.PredictRequest): ReadonlySet<string> {
  for (const output of outputFilter) {
    if (!outputNames.includes(output))
      throw new InvalidRequest(
        `output tensor alias not found in signature: ${output} Outputs expected to be in the set {${outputNames.join(',')}}.`,
      );
  }
  return new Set(outputFilter.length === 0 ? outputNames : outputFilter);
}

function asksForIds(metadata: Metadata): boolean {
  const asked = metadata.get(predictionIdsKey)[0];
  if (asked !== undefined && asked !== 'body')
    throw new InvalidRequest(`metadata ${predictionIdsKey} must be "body", got "${String(asked)}"`);
  return asked === 'body';
}

/** DT_FLOAT [rows]. */
function scoreTensor(scores: Float32Array): tfs.TensorProto {
  return tfs.TensorProto.create({
    dtype: tfs.DataType.DT_FLOAT,
    tensorShape: { dim: [{ size: BigInt(scores.length), name: '' }], unknownRank: false },
    floatVal: Array.from(scores),
  });
}

/** DT_STRING [rows]. */
function idTensor(ids: readonly string[]): tfs.TensorProto {
  return tfs.TensorProto.create({
    dtype: tfs.DataType.DT_STRING,
    tensorShape: { dim: [{ size: BigInt(ids.length), name: '' }], unknownRank: false },
    stringVal: ids.map((id) => Buffer.from(id)),
  });
}
