// A process that starts PostgreSQL in the folder argv names, says where, and lives until it is killed.
import { startPostgres } from './start-postgres.ts';

const dataDir = process.argv[2];
if (dataDir === undefined) throw new Error('usage: start-postgres.fixture.ts FOLDER');
const { pid, url } = await startPostgres({ dataDir });
console.log(JSON.stringify({ pid, url }));
setInterval(() => undefined, 1000);
