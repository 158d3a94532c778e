import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { jobsContract } from '@adstocrat/jobs/testing';
import { testDatabase } from '@adstocrat/postgres';
import { PostgresJobs } from './postgres-jobs.ts';

jobsContract('PostgresJobs', async () => {
  const database = await testDatabase();
  const leaseMs = 900;
  const bus = new PostgresEventBus({ url: database.url });
  return {
    leaseMs,
    bus,
    open: () => PostgresJobs.open(database.url, { leaseMs, pollMs: 30, firstPauseMs: 5 }),
    close: async () => {
      await bus.close();
      await database.drop();
    },
  };
});
