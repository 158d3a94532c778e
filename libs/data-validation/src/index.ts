export { jensenShannonBits } from './lib/drift-comparator.ts';
export type { Histogram } from './lib/drift-comparator.ts';
export { loggedColumns, servingColumns } from './lib/data-schema.ts';
export type { ColumnRole, ColumnSchema, DataSchema } from './lib/data-schema.ts';
export { decimalIn, inferType } from './lib/infer-type.ts';
export type { InferredType, TypeOptions } from './lib/infer-type.ts';
export { findAnomalies } from './lib/find-anomalies.ts';
export type { Anomaly, DescribedSpan } from './lib/find-anomalies.ts';
export { lackingColumns, takenColumns } from './lib/given-columns.ts';
