import { ingestionParts } from './ingestion-parts.ts';

// A process of ingestion that does jobs until it is killed: DATABASE_URL FOLDER LEASE_MS [SHARD_BYTES].
const [databaseUrl = '', folder = '', leaseMs, shardBytes = 64 << 20] = process.argv.slice(2);
const parts = await ingestionParts(databaseUrl, folder, {
  instance: process.pid,
  leaseMs: Number(leaseMs),
  shardBytes: Number(shardBytes),
});
parts.work();
console.log('working');
