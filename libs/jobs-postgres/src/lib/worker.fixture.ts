import { PostgresJobs } from './postgres-jobs.ts';

// A process that holds a job until it is killed, or until SIGUSR1: then it tries to finish and says how that ended. With the fifth
// argument `advances` it says before that it has advanced.
const [url = '', leaseMs = '', kind = '', owner = '', advances] = process.argv.slice(2);
const jobs = PostgresJobs.open(url, { leaseMs: Number(leaseMs), pollMs: 30, owner });
const released = new Promise((resolve) => process.once('SIGUSR1', resolve));
jobs.work({ name: kind, parse: () => undefined }, { concurrency: 1 }, async (job) => {
  if (advances === 'advances') await job.advanced();
  process.stdout.write('begun\n');
  await released;
  const outcome = await job
    .finish(() => Promise.resolve('fixture'))
    .then(
      () => 'finished',
      (error: unknown) => (error as Error).name,
    );
  process.stdout.write(`${outcome}\n`);
});
