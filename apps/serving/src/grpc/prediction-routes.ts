import { Metadata } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { FailedPrecondition, InvalidRequest } from '@adstocrat/service-kit';
import { unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { decodeTensor } from '../predict/decode-tensor.ts';
import type { Predictor } from '../predict/predictor.ts';

export const predictionIdKey = 'adstocrat-prediction-id';
/** Request metadata or header: `off` keeps rows that nobody is shown out of the prediction log. */
export const predictionLogKey = 'adstocrat-prediction-log';
export const signature = 'serving_default';

/** TensorFlow Serving's PredictionService. */
export function predictionRoutes(predictor: Predictor, logger: Logger): tfs.PredictionServiceServer {
  return {
    predict: unary<tfs.PredictRequest, tfs.PredictResponse>(logger, async (request, context) => {
      if (request.modelSpec === undefined) throw new InvalidRequest('Missing ModelSpec');
      const { name, version, versionLabel, signatureName } = request.modelSpec;
      if (name === '') throw new InvalidRequest('ModelSpec has no name specified.');
      if (signatureName !== '' && signatureName !== signature)
        throw new FailedPrecondition(`Serving signature key "${signatureName}" not found.`);
      for (const output of request.outputFilter) {
        if (output !== 'score')
          throw new InvalidRequest(
            `output tensor alias not found in signature: ${output} Outputs expected to be in the set {score}.`,
          );
      }
      const inputs = new Map(
        Object.entries(request.inputs).map(([input, tensor]) => [input, decodeTensor(input, tensor)]),
      );
      const answer = await predictor.predict({
        model: name,
        inputs,
        log: context.metadata.get(predictionLogKey)[0] !== 'off',
        ...(version === undefined ? {} : { version }),
        ...(versionLabel === undefined || versionLabel === '' ? {} : { label: versionLabel }),
      });
      const metadata = new Metadata();
      metadata.set(predictionIdKey, answer.predictionIds.join(','));
      context.sendMetadata(metadata);
      return {
        modelSpec: tfs.ModelSpec.create({ name, version: answer.version, signatureName: signature }),
        outputs: {
          score: tfs.TensorProto.create({
            dtype: tfs.DataType.DT_FLOAT,
            tensorShape: { dim: [{ size: answer.scores.length, name: '' }], unknownRank: false },
            floatVal: Array.from(answer.scores),
          }),
        },
      };
    }),
  };
}
