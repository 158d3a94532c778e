import { setTimeout as sleep } from 'node:timers/promises';
import type { training } from '@adstocrat/schemas';
import { InvalidRequest, NotFound, plainName, Unavailable } from '@adstocrat/service-kit';
import type { RunView } from '../run/run-view.ts';
import type { Runs } from '../run/runs.ts';
import { runMessage } from './run-message.ts';

/** Wall milliseconds between two looks of a watch. */
const watchMs = 150;

/**
 * Each change of a run until it ends. One that is named by its span and is not there yet is waited for: its span may just have been
 * said. Throws {@link Unavailable} where the service stops meanwhile.
 */
export async function* watchRun(
  runs: Runs,
  request: training.WatchRunRequest,
  { signal, stopping }: { readonly signal: AbortSignal; readonly stopping: AbortSignal },
): AsyncGenerator<training.WatchRunResponse> {
  if (request.runId === '' && request.task === '') throw new InvalidRequest('run_id or task: name what to watch');
  if (request.runId === '') plainName('task', request.task);
  else plainName('run_id', request.runId);
  for (let last = ''; !signal.aborted && !stopping.aborted; await sleep(watchMs)) {
    const run = await find(runs, request);
    if (run === undefined) continue;
    const message = runMessage(run);
    const said = JSON.stringify(message);
    if (said !== last) yield { run: message };
    if (run.state !== 'running') return;
    last = said;
  }
  if (stopping.aborted) throw new Unavailable('training is stopping: watch again');
}

async function find(runs: Runs, { runId, task, span }: training.WatchRunRequest): Promise<RunView | undefined> {
  if (runId === '') return (await runs.list(task)).filter(({ spans }) => span === 0 || spans.includes(span)).at(-1);
  const run = await runs.find(runId);
  if (run === undefined) throw new NotFound(`no run ${runId}`);
  return run;
}
