export { DuckDbExampleEngine } from './lib/duckdb-example-engine.ts';
export type { DuckDbOptions } from './lib/duckdb-example-engine.ts';
