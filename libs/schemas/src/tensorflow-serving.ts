export { Example } from './gen/tensorflow/core/example/example.ts';
export { BytesList, Feature, Features, FloatList, Int64List } from './gen/tensorflow/core/example/feature.ts';
export { TensorProto } from './gen/tensorflow/core/framework/tensor.ts';
export { TensorShapeProto } from './gen/tensorflow/core/framework/tensor_shape.ts';
export { DataType } from './gen/tensorflow/core/framework/types.ts';
export { SignatureDef, TensorInfo } from './gen/tensorflow/core/protobuf/meta_graph.ts';
export {
  Class,
  ClassificationRequest,
  ClassificationResponse,
  ClassificationResult,
  Classifications,
} from './gen/tensorflow_serving/apis/classification.ts';
export {
  GetModelMetadataRequest,
  GetModelMetadataResponse,
  SignatureDefMap,
} from './gen/tensorflow_serving/apis/get_model_metadata.ts';
export {
  GetModelStatusRequest,
  GetModelStatusResponse,
  ModelVersionStatus,
  ModelVersionStatus_State,
} from './gen/tensorflow_serving/apis/get_model_status.ts';
export {
  InferenceResult,
  InferenceTask,
  MultiInferenceRequest,
  MultiInferenceResponse,
} from './gen/tensorflow_serving/apis/inference.ts';
export { ExampleList, ExampleListWithContext, Input } from './gen/tensorflow_serving/apis/input.ts';
export { ModelSpec } from './gen/tensorflow_serving/apis/model.ts';
export { ReloadConfigRequest, ReloadConfigResponse } from './gen/tensorflow_serving/apis/model_management.ts';
export { ModelServiceClient, ModelServiceService } from './gen/tensorflow_serving/apis/model_service.ts';
export type { ModelServiceServer } from './gen/tensorflow_serving/apis/model_service.ts';
export { PredictRequest, PredictResponse } from './gen/tensorflow_serving/apis/predict.ts';
export { PredictionServiceClient, PredictionServiceService } from './gen/tensorflow_serving/apis/prediction_service.ts';
export type { PredictionServiceServer } from './gen/tensorflow_serving/apis/prediction_service.ts';
export {
  Regression,
  RegressionRequest,
  RegressionResponse,
  RegressionResult,
} from './gen/tensorflow_serving/apis/regression.ts';
export { StatusProto } from './gen/tensorflow_serving/apis/status.ts';
export {
  ModelConfig,
  ModelConfigList,
  ModelServerConfig,
} from './gen/tensorflow_serving/config/model_server_config.ts';
export { Code } from './gen/xla/tsl/protobuf/error_codes.ts';
