import { exampleEngineContract, type EngineUnderTest } from '@adstocrat/example-engine/testing';
import { exampleEngines } from './open-stores.ts';

const at = (url: string): EngineUnderTest => ({
  open: (workDir) => exampleEngines(url)({ workDir }),
  close: () => Promise.resolve(),
});

/** A server that somebody started, as `npm run test:peers -- spark` does. */
const spark = process.env['TEST_SPARK_URL'];

exampleEngineContract('DuckDB', () => Promise.resolve(at('duckdb:')));
if (spark !== undefined) exampleEngineContract('Spark', () => Promise.resolve(at(spark)));
