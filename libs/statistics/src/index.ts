export { decileProbabilities, topTerms } from './lib/span-statistics.ts';
export type {
  CategoricalStatistics,
  ColumnStatistics,
  NumericStatistics,
  SpanStatistics,
} from './lib/span-statistics.ts';
