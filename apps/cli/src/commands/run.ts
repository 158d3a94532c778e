import { once } from 'node:events';
import type { evaluation } from '@adstocrat/schemas';
import { ExitError } from '../exit-error.ts';
import { runPipeline } from '../pipeline.ts';
import { createProgress, type Progress } from '../progress.ts';
import { callWhenUp } from '../system/calls.ts';
import { cancelledOnSignal } from '../system/end-on-signal.ts';
import { askOneRow } from './ask-one-row.ts';
import { follow } from './follow.ts';
import { outOfService } from './out-of-service.ts';
import { systemFor, type SystemChoice, type SystemInUse } from './system-for.ts';
import { assertData, dataUri } from './data-place.ts';
import { type DataOptions, readTask, taskOf } from './task-source.ts';

export interface RunOptions extends SystemChoice, DataOptions {
  readonly once?: boolean;
  readonly json?: boolean;
}

/** The pipeline on any data, ending in a blessed, served model. Serves until Ctrl-C; with `once` ends after one served answer. */
export async function run(options: RunOptions): Promise<void> {
  const data = options.data;
  if (data === undefined) throw new ExitError(2, 'say where the data is: --data URI (a folder, file://… or gs://…)');
  if (options.task === undefined && options.label === undefined) {
    throw new ExitError(2, 'say what to predict: --label NAME, or --task FILE');
  }
  if (options.task !== undefined) readTask(options.task);
  assertData(data);
  const startedAt = Date.now();
  const progress = createProgress();
  await using system = await systemFor(options, progress);
  const goesOn = (): Promise<void> => {
    progress.finish('ended; the same command goes on from here');
    return Promise.resolve();
  };
  const result = await cancelledOnSignal(goesOn, () => becomesServed(system, { options, data, progress }));
  if (result.state !== 'deployed') {
    const {
      state,
      run: { version },
      span: { task: model },
      evaluation: { reasons },
    } = result;
    const stable = await stableOf(system, model);
    throw new ExitError(3, outOfService({ model, version, state, reasons, stable }, options));
  }
  const answer = await askOneRow(system, result.span);
  progress.finish(
    `served: ${result.span.task} version ${answer.version} scores the first held-out row ${answer.score.toFixed(6)}`,
  );
  if (options.json === true) {
    const { span, evaluation } = result;
    console.log(
      JSON.stringify({
        rows: span.trainRows + span.validationRows + span.testRows,
        rejectedRows: span.rejectedRows,
        setAside: span.setAside,
        guesses: result.guesses,
        images: span.images,
        model: span.task,
        version: answer.version,
        testAuc: evaluation.auc,
        testLogLoss: evaluation.logLoss,
        blessed: evaluation.blessed,
        reasons: evaluation.reasons,
        score: answer.score,
        seconds: (Date.now() - startedAt) / 1000,
      }),
    );
  }
  if (options.once === true) return;
  const { ports, restScheme } = system;
  progress.finish(
    `serving ${result.span.task}: gRPC 127.0.0.1:${ports.serving}, REST ${restScheme}://127.0.0.1:${ports.servingRest}/v1/models/${result.span.task}:predict — Ctrl-C ends it`,
  );
  system.releaseSignals();
  const ended = new AbortController();
  const following = follow(system, result.span.task, progress, ended.signal);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  ended.abort();
  await following;
  progress.finish('ended; the same command goes on from here');
}

/** From the data to a version in service, or why there is none. */
async function becomesServed(
  { clients, isOwn }: SystemInUse,
  { options, data, progress }: { readonly options: RunOptions; readonly data: string; readonly progress: Progress },
): ReturnType<typeof runPipeline> {
  const { yaml, guesses, said } = await taskOf(clients, options, progress);
  const request = { taskYaml: yaml, dataUri: dataUri(data) };
  return runPipeline(clients, request, progress, { withoutTraffic: options.once === true && isOwn, guesses, said });
}

/** The version that has a model's traffic; undefined where none has. */
async function stableOf({ clients }: SystemInUse, model: string): Promise<number | undefined> {
  const deployment = await callWhenUp<evaluation.GetDeploymentResponse>((done) =>
    clients.evaluation.getDeployment({ model }, done),
  ).catch(() => undefined);
  return deployment?.labels['stable'];
}
