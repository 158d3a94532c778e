import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Openable, openable, type OpenScopes } from './entrance/scope.ts';
import { type Clock, clockOf, parseClockOrigin } from './clock.ts';

/**
 * The environment that every service reads. `name` and `grpcPort` are the service's own; extend it by what only that service reads.
 * `besideServiceToken`: what anyone may do where the system's own token is the only one.
 */
export function serviceEnvironment(
  name: string,
  grpcPort: number,
  besideServiceToken: readonly Openable[] = ['metrics'],
) {
  return z.object({
    /** kafka://host:port,host:port or postgres://… */
    EVENT_BUS_URL: z.string().min(1),
    DATABASE_URL: z.url(),
    /** gs://bucket/prefix or file:///folder */
    ARTIFACTS_URL: z.url(),
    HOST: z.string().min(1).default('127.0.0.1'),
    GRPC_PORT: z.coerce.number().int().min(0).max(65_535).default(grpcPort),
    /** Local disk for what is not kept. */
    WORK_DIR: z
      .string()
      .min(1)
      .default(join(tmpdir(), `adstocrat-${name}`)),
    /** Where alone administration is answered, over gRPC, beside everything else. Unset: on GRPC_PORT, and over REST. */
    ADMIN_HOST: z.string().min(1).default('127.0.0.1'),
    ADMIN_PORT: z
      .literal('')
      .transform(() => undefined)
      .or(z.coerce.number().int().min(0).max(65_535))
      .optional(),
    /** PEM files of the certificate, with its intermediates, that listeners show, and of its key: with them all of them speak TLS. */
    TLS_CERT: file(),
    TLS_KEY: file(),
    /** PEM file of those whose certificate a client needs: who has none gets no connection. */
    TLS_CLIENT_CA: file(),
    /** PEM file of those whose certificate another service must show: with it this one speaks TLS to others. */
    TLS_CA: file(),
    /** PEM files of the certificate and key that this service shows to others. */
    TLS_CLIENT_CERT: file(),
    TLS_CLIENT_KEY: file(),
    /** Calls and bytes that one caller, a token or an address without one, may have in progress. */
    CALLER_MAX_CALLS: z.coerce.number().int().min(1).default(1000),
    CALLER_MAX_BYTES: z.coerce
      .number()
      .int()
      .min(1)
      .default(256 * 1024 * 1024),
    /** Connections that one address may have open to each process; an IPv6 address with the 2^64 beside it. */
    CALLER_MAX_CONNECTIONS: z.coerce.number().int().min(1).default(1000),
    /** Calls and bytes of a caller per second, a second's worth at once after a pause. Unset: any. */
    CALLER_CALLS_PER_S: z.coerce.number().positive().optional(),
    CALLER_BYTES_PER_S: z.coerce.number().positive().optional(),
    /** What the services of this system show each other, and the command shows them, as `authorization: Bearer …`: it has every scope. */
    SERVICE_TOKEN: z.string().min(16).optional(),
    /** File of callers' tokens and their scopes, its owner's alone: see `npx adstocrat token`. */
    TOKENS_FILE: file(),
    /** Scopes that need no token, commas between. Unset: none with TOKENS_FILE, all where there is no token either. */
    OPEN_SCOPES: z
      .string()
      .optional()
      .transform((text, context): OpenScopes => {
        const names = text
          ?.split(',')
          .map((one) => one.trim())
          .filter((one) => one !== '');
        const unknown = names?.find((one) => !(openable as readonly string[]).includes(one));
        if (unknown !== undefined)
          context.addIssue({ code: 'custom', message: `"${unknown}" is no scope: there are ${openable.join(', ')}` });
        return { chosen: names as readonly Openable[] | undefined, besideServiceToken };
      }),
    /** 1: other machines may call without a token or a certificate. */
    ALLOW_ANYONE: z
      .enum(['0', '1'])
      .default('0')
      .transform((value) => value === '1'),
    /** Whose service this is: health checks may ask for it. */
    SYSTEM_ID: z.string().min(1).optional(),
    /** Milliseconds that pass on the system's clock in one of the wall's. */
    CLOCK_SPEED: z.coerce.number().positive().default(1),
    /** WALL_MS:SYSTEM_MS, what the system's clock showed when. Needed where its speed is not 1. */
    CLOCK_ORIGIN: z
      .string()
      .regex(/^\d{1,15}:\d{1,15}$/, 'must be WALL_MS:SYSTEM_MS in Unix milliseconds')
      .transform(parseClockOrigin)
      .optional(),
    SHUTDOWN_GRACE_MS: z.coerce.number().int().positive().default(10_000),
  });
}

function file() {
  return z.string().min(1).optional();
}

/** What {@link serviceEnvironment} reads, for what every service composes from it. */
export type ServiceConfig = Readonly<z.infer<ReturnType<typeof serviceEnvironment>>>;

/** The same of a service that may run without bus, database and artifacts. */
export type ListenerConfig = Omit<ServiceConfig, 'EVENT_BUS_URL' | 'DATABASE_URL' | 'ARTIFACTS_URL'>;

/** Read by whoever unpacks files. */
export const unpackEnvironment = {
  /** Times its own size that a gzip or zstd file may become, above 256 MiB: more than that is taken for a bomb. */
  UNPACK_RATIO: z.coerce.number().min(1).default(300),
};

/** The reader of an environment: frozen. It throws a `ZodError` that names every variable at fault, not only the first. */
export function environmentReader<T extends z.ZodType<object>>(
  environment: T,
): (variables: NodeJS.ProcessEnv) => Readonly<z.infer<T>> {
  return (variables) => Object.freeze(environment.parse(variables));
}

/** The system's clock as the environment sets it. Throws a `RangeError` for a speed without an origin. */
export function clockFrom({
  CLOCK_SPEED: speed,
  CLOCK_ORIGIN: origin,
}: Pick<ServiceConfig, 'CLOCK_SPEED' | 'CLOCK_ORIGIN'>): Clock {
  return clockOf(origin === undefined ? { speed } : { speed, origin });
}
