import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const Environment = z.object({
  /** kafka://host:port,host:port or postgres://… */
  EVENT_BUS_URL: z.string().min(1),
  DATABASE_URL: z.url(),
  ARTIFACTS_URL: z.url(),
  HOST: z.string().default('127.0.0.1'),
  GRPC_PORT: z.coerce.number().int().min(0).max(65_535).default(8500),
  REST_PORT: z.coerce.number().int().min(0).max(65_535).default(8501),
  /** Holds the servables in force and the last split: what serving starts from when the database is away. */
  WORK_DIR: z.string().default(join(tmpdir(), 'adstocrat-serving')),
  SHUTDOWN_GRACE_MS: z.coerce.number().int().positive().default(10_000),
});

/** Serving's whole configuration. No other file of this app reads the environment. */
export type Config = Readonly<z.infer<typeof Environment>>;

/** Throws a `ZodError` that names every variable at fault, not only the first. */
export function parseConfig(environment: NodeJS.ProcessEnv): Config {
  return Object.freeze(Environment.parse(environment));
}
