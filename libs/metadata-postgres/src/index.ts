export { PostgresMetadata } from './lib/postgres-metadata.ts';
