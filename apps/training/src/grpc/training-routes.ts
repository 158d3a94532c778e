import { randomUUID } from 'node:crypto';
import type { Spans } from '@adstocrat/metadata';
import type { training } from '@adstocrat/schemas';
import { NotFound, plainName } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { Runs } from '../run/runs.ts';
import type { Studies } from '../tune/studies.ts';
import { readySpanIn } from './ready-span.ts';
import { runMessage } from './run-message.ts';
import { studyRoutes } from './study-routes.ts';
import { watchRun } from './watch-run.ts';

/** TrainingService over runs and studies. */
export function trainingRoutes(
  registry: Pick<Spans, 'listSpans'>,
  { runs, studies }: { readonly runs: Runs; readonly studies: Studies },
  logger: Logger,
  stopping: AbortSignal,
): training.TrainingServiceServer {
  const readySpan = readySpanIn(registry);
  return {
    ...studyRoutes(readySpan, studies, logger, stopping),
    startRun: unary(logger, async ({ task, spans }: training.StartRunRequest) => {
      const newest = await readySpan(plainName('task', task), spans);
      return { runId: await runs.request(task, newest, randomUUID(), { anew: true }) };
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
