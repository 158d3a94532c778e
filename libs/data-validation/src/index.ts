export type { ColumnRole, ColumnSchema, DataSchema } from './lib/data-schema.ts';
