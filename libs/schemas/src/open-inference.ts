export * from './gen/inference/grpc_service.ts';
export {
  DataType,
  ModelConfig,
  ModelInput,
  ModelInput_Format,
  ModelOutput,
  ModelVersionPolicy,
} from './gen/inference/model_config.ts';
