import type { training } from '@adstocrat/schemas';
import { InvalidRequest, NotFound, plainName } from '@adstocrat/service-kit';
import type { RunView } from '../run/run-view.ts';
import type { Runs } from '../run/runs.ts';
import { runMessage } from './run-message.ts';
import { watchChanges, type WatchSignals } from './watch-changes.ts';

/** Each change of a run until it ends. One that is named by its span and is not there yet is waited for: its span may just have been said. */
export async function* watchRun(
  runs: Runs,
  request: training.WatchRunRequest,
  signals: WatchSignals,
): AsyncGenerator<training.WatchRunResponse> {
  if (request.runId === '' && request.task === '') throw new InvalidRequest('run_id or task: name what to watch');
  if (request.runId === '') plainName('task', request.task);
  else plainName('run_id', request.runId);
  yield* watchChanges(
    {
      everyMs: 150,
      look: () => find(runs, request),
      say: (run): training.WatchRunResponse => ({ run: runMessage(run) }),
      isOver: ({ state }) => state !== 'running',
    },
    signals,
  );
}

async function find(runs: Runs, { runId, task, span }: training.WatchRunRequest): Promise<RunView | undefined> {
  if (runId === '') return (await runs.list(task)).filter(({ spans }) => span === 0 || spans.includes(span)).at(-1);
  const run = await runs.find(runId);
  if (run === undefined) throw new NotFound(`no run ${runId}`);
  return run;
}
