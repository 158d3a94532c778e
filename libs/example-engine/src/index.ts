export { splitPoint } from './lib/split-point.ts';
export { BadData, shownRejects } from './lib/example-engine.ts';
export type {
  DataFile,
  ExampleEngine,
  LabelRule,
  Moments,
  NamedColumn,
  PrepareOptions,
  Reject,
  Rejects,
  Relation,
  ScannedFile,
  ScanOptions,
  ScanResult,
  SplitRule,
  TermCount,
  TextFormat,
  TypedColumn,
} from './lib/example-engine.ts';
export { delimiterOf, delimiters, encodingOf, encodings } from './lib/records/dialect.ts';
export type { Delimiter, Encoding } from './lib/records/dialect.ts';
export { fieldsOf, recordOf } from './lib/records/fields-of.ts';
export { RecordReader } from './lib/records/record-reader.ts';
export type { BadRecord, RawRecord, RecordSink } from './lib/records/record-reader.ts';
