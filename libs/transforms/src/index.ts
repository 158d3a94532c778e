export { CompiledTransform } from './lib/apply-transform.ts';
export {
  bucketProbabilities,
  fitTransform,
  planTransform,
  vocabularyLimit,
  vocabularyMinCount,
} from './lib/fit-transform.ts';
export type { FeatureOverride, TransformAggregates, TransformPlan } from './lib/fit-transform.ts';
export { hash32 } from './lib/hash-bucket.ts';
export { areaResize, normalizePixels } from './lib/prepare-image.ts';
export { parseTime } from './lib/parse-time.ts';
export { numberAt, textAt, timeAt } from './lib/read-values.ts';
export type {
  DenseTransform,
  FieldTransform,
  ImageTransform,
  ModelInput,
  RgbImage,
  TransformGraph,
} from './lib/transform-graph.ts';
