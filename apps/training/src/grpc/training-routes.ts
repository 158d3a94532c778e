import { randomUUID } from 'node:crypto';
import type { Metadata } from '@adstocrat/metadata';
import type { training } from '@adstocrat/schemas';
import { FailedPrecondition, NotFound, plainName } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { Runs } from '../run/runs.ts';
import { runMessage } from './run-message.ts';
import { watchRun } from './watch-run.ts';

/** TrainingService over the runs. */
export function trainingRoutes(
  registry: Pick<Metadata, 'listSpans'>,
  runs: Runs,
  logger: Logger,
  stopping: AbortSignal,
): training.TrainingServiceServer {
  return {
    startRun: unary(logger, async ({ task, spans }: training.StartRunRequest) => {
      plainName('task', task);
      const ready = (await registry.listSpans(task)).filter((span) => span.ready).map(({ span }) => span);
      const newest = spans.length > 0 ? Math.max(...spans) : ready.at(-1);
      if (newest === undefined)
        throw new FailedPrecondition(`task "${task}" has no span that is ready: ingest data first`);
      if (!ready.includes(newest)) throw new NotFound(`task "${task}" has no ready span ${newest}`);
      return { runId: await runs.request(task, newest, randomUUID()) };
    }),

    watchRun: serverStream<training.WatchRunRequest, training.WatchRunResponse>(logger, (request, { signal }) =>
      watchRun(runs, request, { signal, stopping }),
    ),

    cancelRun: unary(logger, async ({ runId, reason }: training.CancelRunRequest) => {
      if ((await runs.find(plainName('run_id', runId))) === undefined) throw new NotFound(`no run ${runId}`);
      const why = reason === '' ? 'cancelled by request' : plainName('reason', reason);
      const cancelled = await runs.cancel(runId, why);
      if (cancelled) logger.info({ run: runId, reason }, 'run cancelled');
      return { cancelled };
    }),

    listRuns: unary(logger, async ({ task }: training.ListRunsRequest) => {
      return { runs: (await runs.list(plainName('task', task))).map(runMessage) };
    }),
  };
}
