import type { tensorflowServing as tfs } from '@adstocrat/schemas';
import { unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { classifyCall, multiInferenceCall, regressCall } from './example-calls.ts';
import { metadataCall } from './metadata-call.ts';
import { predictCall } from './predict-call.ts';
import type { ServedModels } from './served-models.ts';

/** TensorFlow Serving's PredictionService. */
export function predictionRoutes(models: ServedModels, logger: Logger): tfs.PredictionServiceServer {
  return {
    predict: unary<tfs.PredictRequest, tfs.PredictResponse>(logger, (request, context) =>
      predictCall(models, request, context),
    ),
    classify: unary<tfs.ClassificationRequest, tfs.ClassificationResponse>(logger, (request, context) =>
      classifyCall(models, request, context),
    ),
    regress: unary<tfs.RegressionRequest, tfs.RegressionResponse>(logger, (request, context) =>
      regressCall(models, request, context),
    ),
    multiInference: unary<tfs.MultiInferenceRequest, tfs.MultiInferenceResponse>(logger, (request, context) =>
      multiInferenceCall(models, request, context),
    ),
    getModelMetadata: unary<tfs.GetModelMetadataRequest, tfs.GetModelMetadataResponse>(logger, (request) =>
      metadataCall(models, request),
    ),
  };
}
