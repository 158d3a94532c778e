import { exampleEngineContract, type EngineUnderTest } from '@adstocrat/example-engine/testing';
import { startSail } from '@adstocrat/spark';
import { exampleEngines } from './open-stores.ts';

const at = (url: string, close = (): Promise<void> => Promise.resolve()): EngineUnderTest => ({
  open: (workDir) => exampleEngines(url)({ workDir }),
  close,
});

/** A server that somebody started, as `npm run test:peers -- spark` does. */
const spark = process.env['TEST_SPARK_URL'];

exampleEngineContract('DuckDB', () => Promise.resolve(at('duckdb:')));
exampleEngineContract('Sail', async () => {
  const server = await startSail();
  return at(server.url, () => server.stop());
});
if (spark !== undefined) exampleEngineContract('Spark', () => Promise.resolve(at(spark)));
