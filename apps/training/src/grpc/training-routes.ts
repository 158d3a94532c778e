import { setTimeout as sleep } from 'node:timers/promises';
import type { Metadata, RunRecord } from '@adstocrat/metadata';
import { training } from '@adstocrat/schemas';
import { FailedPrecondition, InvalidRequest, NotFound } from '@adstocrat/service-kit';
import { serverStream, unary } from '@adstocrat/service-kit/grpc';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { RunLoop } from '../run/run-loop.ts';

/** Wall milliseconds between two looks of a watch. */
const watchMs = 150;

/** TrainingService over the registry and the run loop. */
export function trainingRoutes(
  metadata: Metadata,
  runs: RunLoop,
  logger: Logger,
  stopping: AbortSignal,
): training.TrainingServiceServer {
  return {
    startRun: unary<training.StartRunRequest, training.StartRunResponse>(logger, async ({ task, spans }) => {
      if (task === '') throw new InvalidRequest('task: name the task to train');
      const ready = (await metadata.listSpans(task)).filter((span) => span.ready).map(({ span }) => span);
      const newest = spans.length > 0 ? Math.max(...spans) : ready.at(-1);
      if (newest === undefined)
        throw new FailedPrecondition(`task "${task}" has no span that is ready: ingest data first`);
      if (!ready.includes(newest)) throw new NotFound(`task "${task}" has no ready span ${newest}`);
      return { runId: await runs.request(task, newest) };
    }),

    watchRun: serverStream<training.WatchRunRequest, training.WatchRunResponse>(logger, (request, { signal }) =>
      watchRun(metadata, request, AbortSignal.any([signal, stopping])),
    ),

    listRuns: unary<training.ListRunsRequest, training.ListRunsResponse>(logger, async ({ task }) => ({
      runs: (await metadata.listRuns(task)).map(runMessage),
    })),
  };
}

/** Each change of a run until it ends. One that is not there yet is waited for: its span may just have been said. */
async function* watchRun(
  metadata: Metadata,
  { runId, task, span }: training.WatchRunRequest,
  signal: AbortSignal,
): AsyncGenerator<training.WatchRunResponse> {
  if (runId === '' && task === '') throw new InvalidRequest('run_id or task: name what to watch');
  let last = '';
  for (; !signal.aborted; await sleep(watchMs)) {
    const run =
      runId === ''
        ? (await metadata.listRuns(task)).filter(({ spans }) => span === 0 || spans.includes(span)).at(-1)
        : await metadata.getRun(runId);
    if (run === undefined) {
      if (runId !== '') throw new NotFound(`no run ${runId}`);
      continue;
    }
    const message = runMessage(run);
    const said = JSON.stringify(message);
    if (said !== last) yield { run: message };
    last = said;
    if (run.state !== 'running') return;
  }
}

function runMessage(run: RunRecord): training.Run {
  const { metrics } = run;
  return {
    runId: run.id,
    task: run.task,
    spans: [...run.spans],
    step: run.step,
    done: run.done,
    total: run.total,
    state: {
      running: training.RunState.RUN_STATE_RUNNING,
      succeeded: training.RunState.RUN_STATE_SUCCEEDED,
      failed: training.RunState.RUN_STATE_FAILED,
    }[run.state],
    trainLoss: metrics['trainLoss'] ?? 0,
    validationLoss: metrics['validationLoss'] ?? 0,
    validationAuc: metrics['validationAuc'] ?? 0,
    version: run.version ?? 0,
    error: run.error ?? '',
    examplesPerSecond: metrics['examplesPerSecond'] ?? 0,
  };
}
