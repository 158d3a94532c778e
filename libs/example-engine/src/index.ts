export { splitPoint } from './lib/split-point.ts';
export { BadData } from './lib/example-engine.ts';
export type {
  ColumnFacts,
  CsvFile,
  ExampleEngine,
  Moments,
  PrepareOptions,
  Reject,
  Relation,
  ScanResult,
  SplitRule,
  TermCount,
} from './lib/example-engine.ts';
