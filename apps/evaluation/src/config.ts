import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const instances = z
  .string()
  .transform((text) => [...new Set(text.split(',').map((url) => url.trim()))])
  .refine((urls) => !urls.includes(''), 'must be HOST:PORT,HOST:PORT,… without empty names');

const Environment = z
  .object({
    EVENT_BUS_URL: z.url(), // kafka://host:9092,host:9092 or postgres://…
    DATABASE_URL: z.url(),
    ARTIFACTS_URL: z.url(), // gs://bucket/prefix or file:///folder
    SERVING_GRPC_URLS: instances.optional(), // every serving instance
    SERVING_GRPC_URL: z.string().min(1).default('127.0.0.1:8500'), // the only one, where SERVING_GRPC_URLS is not set
    HOST: z.string().min(1).default('127.0.0.1'),
    GRPC_PORT: z.coerce.number().int().min(0).max(65_535).default(50_053),
    WORK_DIR: z.string().min(1).default(join(tmpdir(), 'adstocrat-evaluation')),
    CLOCK_SPEED: z.coerce.number().positive().default(1), // durations are all that evaluation measures on the system's clock
    SHUTDOWN_GRACE_MS: z.coerce.number().int().positive().default(10_000),
  })
  .transform(({ SERVING_GRPC_URL, SERVING_GRPC_URLS, ...rest }) => ({
    ...rest,
    SERVING_GRPC_URLS: SERVING_GRPC_URLS ?? [SERVING_GRPC_URL],
  }));

/** Evaluation's whole configuration. No other file of this app reads the environment. */
export type Config = Readonly<z.infer<typeof Environment>>;

/** Throws a `ZodError` that names every variable at fault, not only the first. */
export function parseConfig(environment: NodeJS.ProcessEnv): Config {
  return Object.freeze(Environment.parse(environment));
}
