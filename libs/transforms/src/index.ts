export type {
  DenseTransform,
  FieldTransform,
  ImageTransform,
  ModelInput,
  RgbImage,
  TransformGraph,
} from './lib/transform-graph.ts';
