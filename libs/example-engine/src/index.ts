export { splitPoint } from './lib/split-point.ts';
export { BadData, fileKinds, originColumns, shownRejects } from './lib/example-engine.ts';
export type {
  DataFile,
  ExampleEngine,
  FileKind,
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
export { givenIds, idSentence } from './lib/given-ids.ts';
export type { GivenIds } from './lib/given-ids.ts';
export { addedColumns, keyTwice } from './lib/join-columns.ts';
export { delimiterOf, delimiters, encodingOf, encodings, separatorLine } from './lib/records/dialect.ts';
export type { Delimiter, Encoding } from './lib/records/dialect.ts';
export { headerOf, NoHeaderLine, noHeaderLine, numberedColumns } from './lib/records/header.ts';
export type { Header } from './lib/records/header.ts';
export { firstLineOf, isFigure, maybeFigure } from './lib/records/first-line.ts';
export type { FirstLine } from './lib/records/first-line.ts';
export { commentsAbove } from './lib/records/comments.ts';
export type { Comments } from './lib/records/comments.ts';
export { namelessColumns } from './lib/records/nameless-columns.ts';
export { sayUnseen } from './lib/records/same-to-see.ts';
export { checkOneKind, columnsOfDrop } from './lib/records/one-drop.ts';
export { fieldsOf, recordOf } from './lib/records/fields-of.ts';
export { BadJson, jsonCells, UndeclaredList } from './lib/records/json-cells.ts';
export type { ListReading, Lists, RefusedList } from './lib/records/json-cells.ts';
export { scanLists, UndeclaredArray } from './lib/records/scan-lists.ts';
export { LineReader } from './lib/records/line-reader.ts';
export type { BadLine, Line, LineSink } from './lib/records/line-reader.ts';
export { RecordReader } from './lib/records/record-reader.ts';
export type { BadRecord, RawRecord, RecordSink } from './lib/records/record-reader.ts';
export { isUnreadable, strayCells, straySentence } from './lib/stray-cells.ts';
export type { CheckedColumn, StrayCells } from './lib/stray-cells.ts';
export { enoughRows, unlikeTraining } from './lib/unlike-training.ts';
export type { LearnedColumn, UnlikeColumn } from './lib/unlike-training.ts';
