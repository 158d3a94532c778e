import { PostgresJobs } from '@adstocrat/jobs-postgres';
import { metadataContract } from '@adstocrat/metadata/testing';
import { testDatabase } from '@adstocrat/postgres';
import { PostgresMetadata } from './postgres-metadata.ts';

metadataContract('PostgresMetadata', async () => {
  const database = await testDatabase();
  const jobs = PostgresJobs.open(database.url);
  await jobs.migrate();
  const opened: PostgresMetadata[] = [];
  const another = (): PostgresMetadata => {
    const metadata = PostgresMetadata.open(database.url);
    opened.push(metadata);
    return metadata;
  };
  return {
    metadata: another(),
    another,
    transaction: (work) => jobs.transaction(work),
    close: async () => {
      await jobs.close();
      await Promise.all(opened.map((metadata) => metadata.close()));
      await database.drop();
    },
  };
});
