export { jensenShannonBits } from './lib/drift-comparator.ts';
export type { Histogram } from './lib/drift-comparator.ts';
export type { ColumnRole, ColumnSchema, DataSchema } from './lib/data-schema.ts';
