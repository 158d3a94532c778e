import type { training } from '@adstocrat/schemas';
import { InvalidRequest, NotFound, plainName } from '@adstocrat/service-kit';
import type { RunView } from '../run/run-view.ts';
import type { Runs } from '../run/runs.ts';
import { runMessage } from './run-message.ts';
import { watchChanges, type WatchSignals } from './watch-changes.ts';

/**
 * Each change of a run until it ends. One that is named by its span and is not there yet is waited for: its span may just have been said. Which run it is, is
 * settled once: another that begins meanwhile is another watch's.
 */
export async function* watchRun(
  runs: Runs,
  request: training.WatchRunRequest,
  signals: WatchSignals,
): AsyncGenerator<training.WatchRunResponse> {
  if (request.runId === '' && request.task === '') throw new InvalidRequest('run_id or task: name what to watch');
  if (request.runId === '') plainName('task', request.task);
  else plainName('run_id', request.runId);
  let id = request.runId;
  yield* watchChanges(
    {
      everyMs: 150,
      look: async () => {
        const run = id === '' ? await newest(runs, request) : await named(runs, id);
        id = run?.id ?? id;
        return run;
      },
      say: (run): training.WatchRunResponse => ({ run: runMessage(run) }),
      isOver: ({ state }) => state !== 'running',
    },
    signals,
  );
}

/** The newest run of a task, or the newest one on a span: later ones train on it too, with what came after it. */
async function newest(runs: Runs, { task, span }: training.WatchRunRequest): Promise<RunView | undefined> {
  return (await runs.list(task)).findLast(({ spans }) => span === 0 || spans.at(-1) === span);
}

async function named(runs: Runs, id: string): Promise<RunView> {
  const run = await runs.find(id);
  if (run === undefined) throw new NotFound(`no run ${id}`);
  return run;
}
