export { encodeOnnx } from './lib/onnx-model.ts';
export type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxType, OnnxValue } from './lib/onnx-model.ts';
export { undeclaredRanks } from './lib/undeclared-ranks.ts';
