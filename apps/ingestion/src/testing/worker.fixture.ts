import { ingestionParts } from './ingestion-parts.ts';

// A process of ingestion that does jobs until it is killed: DATABASE_URL FOLDER LEASE_MS.
const [databaseUrl = '', folder = '', leaseMs] = process.argv.slice(2);
const parts = await ingestionParts(databaseUrl, folder, { instance: 9, leaseMs: Number(leaseMs) });
parts.work();
console.log('working');
