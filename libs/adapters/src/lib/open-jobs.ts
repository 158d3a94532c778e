import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { EventBus } from '@adstocrat/event-bus';
import type { Jobs } from '@adstocrat/jobs';
import { type Resource, waitFor } from '@adstocrat/service-kit';
import { injectTraceContext, type Logger, withTraceContext } from '@adstocrat/service-kit/telemetry';

export interface OpenJobsOptions {
  readonly logger: Logger;
  /** The folder that this process alone has: what the process that had it before left running is taken over at once. */
  readonly workDir?: string;
}

/** Jobs and outbox at a PostgreSQL URL; they go on with the trace that asked for them. Connects lazily. */
export async function openJobs(url: string, { logger, workDir }: OpenJobsOptions): Promise<Jobs> {
  if (!/^postgres(ql)?:\/\//.test(url))
    throw new TypeError(`jobs lie in postgres://…, got ${url.split(':')[0] ?? ''}:`);
  const { PostgresJobs } = await import('@adstocrat/jobs-postgres');
  return PostgresJobs.open(url, {
    logger,
    ...(workDir !== undefined && { owner: `${hostname()}:${resolve(workDir)}` }),
    traceHeaders: () => injectTraceContext(),
    withTrace: withTraceContext,
  });
}

/** The tables, then the outbox on its way to the bus. Stopped, every job of this process goes back. To be started after the bus. */
export function jobsResource(
  jobs: Jobs,
  bus: EventBus,
  waiting: { readonly logger: Logger; readonly signal: AbortSignal },
): Resource {
  return {
    name: 'jobs',
    start: async () => {
      await waitFor('database', () => jobs.migrate(), waiting);
      jobs.relay(bus);
    },
    stop: () => jobs.close(),
  };
}
