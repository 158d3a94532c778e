export { splitPoint } from './lib/split-point.ts';
export { BadData } from './lib/example-engine.ts';
export type {
  ColumnFacts,
  CsvFile,
  ExampleEngine,
  Moments,
  NamedColumn,
  PrepareOptions,
  Reject,
  Relation,
  ScanResult,
  SplitRule,
  TermCount,
  TextFile,
} from './lib/example-engine.ts';
