export { DuckDbExampleEngine } from './lib/duckdb-example-engine.ts';
export type { DuckDbOptions } from './lib/duckdb-session.ts';
export { fileColumn, lineColumn, rowColumn } from './lib/row-column.ts';
