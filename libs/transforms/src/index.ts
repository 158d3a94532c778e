export { arraySeparator } from './lib/array-separator.ts';
export { timeAt } from './lib/aggregates/time-format.ts';
export { CompiledTransform } from './lib/compiled-transform.ts';
export { fingerprint64, hashBucket } from './lib/exact/fingerprint-64.ts';
export { parseFeatures } from './lib/feature-declarations.ts';
export type { DeclarationIssue, DeclaredFeature, FeatureDeclaration } from './lib/feature-declarations.ts';
export { foldProbabilities, Folds } from './lib/folds.ts';
export { GraphFitter, needsFolds } from './lib/graph-fitter.ts';
export type { FittedGraph } from './lib/graph-fitter.ts';
export { hash32 } from './lib/hash-32.ts';
export type { AnyOperation } from './lib/operation.ts';
export { findOperation, operationOf, operations } from './lib/operations/index.ts';
export { parseTime } from './lib/parse-time.ts';
export { FeatureError, planFeatures } from './lib/plan-features.ts';
export type { TransformPlan, PlannedFeature } from './lib/plan-features.ts';
export { areaResize, normalizePixels } from './lib/prepare-image.ts';
export { numberAt, textAt } from './lib/read-values.ts';
export { finish, finishWithPauses, indexTexts, type Steps } from './lib/steps.ts';
export { embeddingRows, graphOf, placedFeatures, requestTimes, timesOf } from './lib/transform-graph.ts';
export type {
  Dimension,
  FittedFeature,
  ImageTransform,
  ModelInput,
  RgbImage,
  Slot,
  TransformGraph,
} from './lib/transform-graph.ts';
export { textKind } from './lib/text-kind.ts';
export type { TextKind } from './lib/text-kind.ts';
