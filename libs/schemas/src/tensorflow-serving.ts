export { TensorProto } from './gen/tensorflow/core/framework/tensor.ts';
export { TensorShapeProto } from './gen/tensorflow/core/framework/tensor_shape.ts';
export { DataType } from './gen/tensorflow/core/framework/types.ts';
export {
  GetModelStatusRequest,
  GetModelStatusResponse,
  ModelVersionStatus,
  ModelVersionStatus_State,
} from './gen/tensorflow_serving/apis/get_model_status.ts';
export { ModelSpec } from './gen/tensorflow_serving/apis/model.ts';
export { ModelServiceClient, ModelServiceService } from './gen/tensorflow_serving/apis/model_service.ts';
export type { ModelServiceServer } from './gen/tensorflow_serving/apis/model_service.ts';
export { PredictRequest, PredictResponse } from './gen/tensorflow_serving/apis/predict.ts';
export { PredictionServiceClient, PredictionServiceService } from './gen/tensorflow_serving/apis/prediction_service.ts';
export type { PredictionServiceServer } from './gen/tensorflow_serving/apis/prediction_service.ts';
export { StatusProto } from './gen/tensorflow_serving/util/status.ts';
