import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const Environment = z.object({
  /** kafka://host:port,host:port or postgres://… */
  EVENT_BUS_URL: z.string().min(1),
  DATABASE_URL: z.url(),
  ARTIFACTS_URL: z.url(),
  HOST: z.string().default('127.0.0.1'),
  GRPC_PORT: z.coerce.number().int().min(0).max(65_535).default(50_055),
  REST_PORT: z.coerce.number().int().min(0).max(65_535).default(8502),
  WORK_DIR: z.string().default(join(tmpdir(), 'adstocrat-feedback')),
  /** Event-time seconds per wall second. */
  CLOCK_SPEED: z.coerce.number().positive().default(1),
  /** Wall milliseconds that clicks and predictions may come late on the bus before a window closes over them. */
  LATENESS_MS: z.coerce.number().int().min(0).default(2000),
  /** Alerts are also POSTed there as JSON. */
  ALERT_WEBHOOK_URL: z.url().optional(),
  SHUTDOWN_GRACE_MS: z.coerce.number().int().positive().default(10_000),
});

/** Feedback's whole configuration. No other file of this app reads the environment. */
export type Config = Readonly<z.infer<typeof Environment>>;

/** Throws a `ZodError` that names every variable at fault, not only the first. */
export function parseConfig(environment: NodeJS.ProcessEnv): Config {
  return Object.freeze(Environment.parse(environment));
}
