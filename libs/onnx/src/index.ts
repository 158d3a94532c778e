export { encodeOnnx } from './lib/onnx-model.ts';
export type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './lib/onnx-model.ts';
