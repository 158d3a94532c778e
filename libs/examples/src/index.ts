export { canonicalJson } from './lib/canonical-json.ts';
export { canonicalText, integerOf, missingWords, numberOf, pointedCell, textOf, whyNoValue } from './lib/cell-value.ts';
export type { RawValue } from './lib/cell-value.ts';
export { cellsInDigest } from './lib/content-digest.ts';
export { FailureReasons } from './lib/failure-reasons.ts';
export type { FailureReason } from './lib/failure-reasons.ts';
export { columnOf } from './lib/column-of.ts';
export { reservedColumns, reservedPrefix, rowsAt, rowsOf, splits } from './lib/columnar-batch.ts';
export type { Column, ColumnarBatch, ColumnType, Split } from './lib/columnar-batch.ts';
export { bucketOf } from './lib/personal-value.ts';
export type { PersonalRule } from './lib/personal-value.ts';
export {
  digitFormats,
  farthestMs,
  isJoined,
  isShortYear,
  joinedFormats,
  readTime,
  shortYearFormats,
  timeFormats,
  writesNoZone,
  writtenFormats,
} from './lib/read-time.ts';
export type { DigitFormat, JoinedFormat, ShortYearFormat, TimeFormat, WrittenFormat } from './lib/read-time.ts';
export { monthLetters, namedMonthForms, weekdays } from './lib/named-month.ts';
export type { NamedMonthPart } from './lib/named-month.ts';
export { labelWords, shownCharacters, timeWords } from './lib/reject-words.ts';
export type { RejectWords } from './lib/reject-words.ts';
export { Zone } from './lib/zone.ts';
export type { SpanManifest, SpanTable } from './lib/span-manifest.ts';
