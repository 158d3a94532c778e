export { defaultModelSpec } from './lib/default-model-spec.ts';
export type { ImageTowerSpec, ModelSpec } from './lib/model-spec.ts';
export { imageTowerGraph, scoringGraph } from './lib/onnx-graphs.ts';
export type { PlattScaling } from './lib/onnx-graphs.ts';
export { inputWidth, parametersOf } from './lib/parameters.ts';
export type { Parameter, Weights } from './lib/parameters.ts';
export { splitMix32 } from './lib/split-mix-32.ts';
