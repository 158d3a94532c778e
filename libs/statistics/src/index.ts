export { cellKinds, noDigitTimes } from './lib/column-facts.ts';
export type { CellKind, ColumnFacts } from './lib/column-facts.ts';
export { hashes, leastHashes, mergeDistinct } from './lib/distinct-sketch.ts';
export type { DistinctSketch } from './lib/distinct-sketch.ts';
export { MergedFacts } from './lib/merge-facts.ts';
export type { PartFacts } from './lib/merge-facts.ts';
export { mergeMoments } from './lib/moments.ts';
export type { PartMoments } from './lib/moments.ts';
export { MergedStatistics, MergedTerms, mergeStatistics, partTerms } from './lib/part-statistics.ts';
export type { PartColumn, PartNumbers, PartStatistics } from './lib/part-statistics.ts';
export { QuantileSketch } from './lib/quantile-sketch.ts';
export type { QuantileSummary } from './lib/quantile-sketch.ts';
export { decileProbabilities, topTerms } from './lib/span-statistics.ts';
export type {
  CategoricalStatistics,
  ColumnStatistics,
  NumericStatistics,
  SpanStatistics,
} from './lib/span-statistics.ts';
