import { z } from 'zod';
import { exampleEngineUrl } from '@adstocrat/adapters';
import {
  environmentReader,
  personalKeysEnvironment,
  serviceEnvironment,
  unpackEnvironment,
} from '@adstocrat/service-kit';

const environment = serviceEnvironment('ingestion', 8511).extend({
  ...personalKeysEnvironment,
  ...unpackEnvironment,
  /** What takes files into spans: `duckdb:` in this process, or `sc://host:port`, a Spark Connect server that sees `WORK_DIR`. */
  EXAMPLE_ENGINE_URL: z.string().regex(exampleEngineUrl, 'is duckdb: or sc://host:port').default('duckdb:'),
  /** Labelled rows that no retrain took are kept for so many hours of the system's clock. */
  LIVE_KEEP_HOURS: z.coerce.number().positive().default(168),
  /** Which labelled rows were taken in is remembered for so many wall hours: longer than the bus may deliver one again. */
  LIVE_KEYS_HOURS: z.coerce.number().positive().default(72),
  /** Files of a drop are shards of so many bytes together: more than one are shared among all processes of ingestion. */
  SHARD_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(64 << 20),
});

/** Ingestion's whole configuration. No other file of this app reads the environment. */
export type Config = Readonly<z.infer<typeof environment>>;

export const parseConfig = environmentReader(environment);
