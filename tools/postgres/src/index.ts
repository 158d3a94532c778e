export { startPostgres } from './start-postgres.ts';
export type { PostgresOptions, RunningPostgres } from './start-postgres.ts';
export { testDatabase } from './test-database.ts';
export type { TestDatabase } from './test-database.ts';
