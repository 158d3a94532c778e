export { databaseAnswers } from './lib/database-answers.ts';
export { closePool, openPool } from './lib/open-pool.ts';
export type { PoolSettings } from './lib/open-pool.ts';
export { inTransaction } from './lib/in-transaction.ts';
export type { TransactionOptions } from './lib/in-transaction.ts';
export { migrateSchema } from './lib/migrate-schema.ts';
