export { canonicalJson } from './lib/canonical-json.ts';
export { canonicalText, integerOf, missingWords, numberOf, textOf, whyNoValue } from './lib/cell-value.ts';
export type { RawValue } from './lib/cell-value.ts';
export { columnOf } from './lib/column-of.ts';
export { reservedColumns, reservedPrefix, splits } from './lib/columnar-batch.ts';
export type { Column, ColumnarBatch, ColumnType, Split } from './lib/columnar-batch.ts';
export { readTime, timeFormats } from './lib/read-time.ts';
export type { TimeFormat } from './lib/read-time.ts';
export type { SpanManifest, SpanTable } from './lib/span-manifest.ts';
