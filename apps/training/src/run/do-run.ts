import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { publishFolder } from '@adstocrat/artifact-folders';
import { type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { Job } from '@adstocrat/jobs';
import type { Lineage, Metadata, RunRegistry, Spans } from '@adstocrat/metadata';
import { diskFull } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { StoredImages } from '@adstocrat/stored-images';
import { parseTask } from '@adstocrat/tasks';
import { Checkpoints } from '../checkpoint/checkpoints.ts';
import { checkpointsUri } from '../checkpoint/sweep-checkpoints.ts';
import { warningsOf } from './run-warnings.ts';
import { publishTrained } from './publish-trained.ts';
import { recordedSpans } from './recorded-spans.ts';
import { runOf, type TrainPayload } from './train-job.ts';
import type { TrainServable } from './train-servable.ts';

export interface DoRunOptions {
  readonly metadata: RunRegistry & Spans & Lineage & Pick<Metadata, 'images'>;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  /** Folder for passing files, of this process alone. */
  readonly workDir: string;
  readonly logger: Logger;
  /** Milliseconds of training that a kill may cost, see `CheckpointPace`. */
  readonly checkpointEveryMs: number;
  readonly train: TrainServable;
}

/**
 * Does one attempt at a run, from where the attempts before it have come to. The servable goes to a folder of the attempt, `models/<model>/<version>-<attempt>`: nobody else writes
 * there, and until the run is recorded with that name nobody reads it.
 */
export async function doRun(job: Job<TrainPayload>, options: DoRunOptions): Promise<void> {
  const { metadata, store, artifactsUrl, logger } = options;
  const { key: id, payload } = job;
  const task = parseTask(payload.taskYaml, `task "${payload.task}"`);
  const spans = await recordedSpans(payload, metadata);
  const version = await metadata.reserveVersion(task.name, id);
  const uri = joinUri(artifactsUrl, 'models', task.name, `${version}-${job.attempt}`);
  const checkpoints = joinUri(checkpointsUri(artifactsUrl), id);
  const workDir = join(options.workDir, `run-${id}-${job.attempt}`);
  const metrics: Record<string, number> = {};
  const startedAtMs = Date.now();
  try {
    mkdirSync(join(workDir, 'engine'), { recursive: true });
    const {
      folder,
      manifest,
      fitted,
      guesses = [],
    } = await options.train({
      task,
      spans,
      runId: id,
      version,
      store,
      stored: new StoredImages({ registry: metadata.images, store, artifactsUrl }),
      workDir,
      signal: job.signal,
      ...(payload.before && { before: payload.before }),
      onNote: (sentence) => {
        logger.info({ run: id, task: task.name }, sentence);
      },
      memory: new Checkpoints({
        store,
        uri: checkpoints,
        attempt: job.attempt,
        everyMs: options.checkpointEveryMs,
        onKept: () => job.advanced(),
        onWarning: (sentence, error) => {
          logger.warn({ run: id, task: task.name, err: error }, sentence);
        },
      }),
      onStep: (step, done, total, figures = {}) => {
        job.signal.throwIfAborted();
        Object.assign(metrics, finiteOf(figures));
        job.report({ step, done, total, metrics });
      },
    });
    Object.assign(metrics, finiteOf({ ...fitted }), { secondsLeft: 0 });
    job.report({ step: 'upload', done: 0, total: 0, metrics });
    job.signal.throwIfAborted();
    await job.output(uri);
    await publishFolder(store, folder, uri, Object.keys(manifest.files), 'servable.json');
    const made = { version, uri, digest: manifest.digest };
    const told = guesses.length === 0 ? {} : { guesses };
    const run = { ...runOf(id, payload), state: 'succeeded' as const, made, metrics, ...told };
    await job.finish(async (transaction) => {
      await metadata.putRun(run, transaction);
      await metadata.putExecution(
        {
          id: `train/${id}`,
          kind: 'train',
          inputs: spans.map((span) => span.uri),
          outputs: [uri],
          facts: metrics,
          startedAtMs,
          endedAtMs: run.endedAtMs,
        },
        transaction,
      );
      await publishTrained(transaction, run);
    });
    await store.clear(checkpoints).catch((error: unknown) => {
      logger.warn({ run: id, err: error }, 'the checkpoints cannot be removed now');
    });
    logger.info({ run: id, task: task.name, ...made, ...metrics }, 'model trained');
    for (const warning of warningsOf(metrics)) logger.warn({ run: id, task: task.name }, warning);
  } catch (error) {
    const full = diskFull(error);
    throw full === undefined ? error : new PermanentFailure(full, { cause: error });
  } finally {
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** JSON has no NaN: a figure that is not defined is left out. */
function finiteOf(figures: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));
}
