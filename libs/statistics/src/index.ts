export { cellKinds } from './lib/column-facts.ts';
export type { CellKind, ColumnFacts } from './lib/column-facts.ts';
export { decileProbabilities, topTerms } from './lib/span-statistics.ts';
export type {
  CategoricalStatistics,
  ColumnStatistics,
  NumericStatistics,
  SpanStatistics,
} from './lib/span-statistics.ts';
