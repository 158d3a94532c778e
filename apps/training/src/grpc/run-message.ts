import { training } from '@adstocrat/schemas';
import { warningsOf } from '../run/run-warnings.ts';
import type { RunView } from '../run/run-view.ts';

export const runStates = {
  running: training.RunState.RUN_STATE_RUNNING,
  succeeded: training.RunState.RUN_STATE_SUCCEEDED,
  failed: training.RunState.RUN_STATE_FAILED,
  cancelled: training.RunState.RUN_STATE_CANCELLED,
};

export function runMessage({
  id,
  task,
  spans,
  state,
  progress,
  tries,
  version,
  reason,
  guesses,
}: RunView): training.Run {
  const { step, done, total, metrics = {} } = progress;
  return {
    runId: id,
    task,
    spans: [...spans],
    step,
    done,
    total,
    state: runStates[state],
    trainLoss: metrics['trainLoss'] ?? 0,
    validationLoss: metrics['validationLoss'] ?? 0,
    validationAuc: metrics['validationAuc'] ?? 0,
    version: version ?? 0,
    error: reason ?? '',
    examplesPerSecond: metrics['examplesPerSecond'] ?? 0,
    tries,
    warnings: warningsOf(metrics),
    secondsLeft: metrics['secondsLeft'] ?? 0,
    guesses: [...(guesses ?? [])],
  };
}
