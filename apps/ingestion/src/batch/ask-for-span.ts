import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isConnectionError } from '@adstocrat/event-bus';
import { type JobProgress, type JobRecord, type Jobs } from '@adstocrat/jobs';
import type { SpanRecord, Spans } from '@adstocrat/metadata';
import { Unavailable } from '@adstocrat/service-kit';
import type { Task } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { askToEndRun } from '../shards/end-run.ts';
import { sayReady } from '../span/record-span.ts';
import { batchJob, failureOf } from './batch-job.ts';
import { findInput, type IngestRequest } from './find-input.ts';
import { changedTask } from './task-record.ts';
import type { Watchers } from './watchers.ts';

export interface AskForSpanParts extends Pick<IngestDependencies, 'openStore' | 'personalKeys' | 'metadata'> {
  readonly jobs: Jobs;
  readonly watchers: Watchers;
  /** The process is to end: what is asked for goes on elsewhere. */
  readonly stopping: AbortSignal;
}

/** The job and each change of it, also where the database is away for a while: the work goes on, so whoever waits for it does. */
async function* watched(jobs: Jobs, key: string, signal: AbortSignal): AsyncGenerator<JobRecord> {
  while (!signal.aborted) {
    try {
      yield* jobs.watch(batchJob, key, signal);
      return;
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      await sleep(500, undefined, { signal }).catch(() => undefined);
    }
  }
}

/**
 * The span of an input, or the key of the job that makes it. A job that succeeded is not done again: where its span was removed since,
 * another one makes it, whose key is the same for all who ask.
 */
async function spanOrKey(
  metadata: Spans,
  jobs: Jobs,
  task: string,
  inputDigest: string,
): Promise<{ readonly known: SpanRecord | undefined; readonly key: string }> {
  for (let key = `${task}/${inputDigest}`; ;) {
    const job = await jobs.get(batchJob, key);
    // After the job: its success and its span are one transaction.
    const known = await metadata.findSpan(task, inputDigest);
    if (known !== undefined || job?.state !== 'succeeded') return { known, key };
    key = `${task}/${inputDigest}/${job.attempt}`;
  }
}

/**
 * The span of a task's data: the one that is there, or the one that a job makes, with what the job is at. `signal` aborts when whoever
 * asks is gone: the job is cancelled then, unless another waits for it. Throws InvalidRequest where the task or its data is wrong.
 */
export async function askForSpan(
  { metadata, openStore, personalKeys, jobs, watchers, stopping }: AskForSpanParts,
  request: IngestRequest,
  onProgress: (progress: JobProgress) => void,
  signal: AbortSignal,
): Promise<{ readonly span: SpanRecord; readonly alreadyThere: boolean }> {
  onProgress({ step: 'list', done: 0, total: 0, unit: 'files' });
  const { task, inputDigest } = await findInput({ openStore, personalKeys }, request);
  const by = randomUUID();
  const { known, key } = await spanOrKey(metadata, jobs, task.name, inputDigest);
  if (known !== undefined) {
    await takeUp({ metadata, openStore, jobs }, request, task, known, by);
    return { span: known, alreadyThere: true };
  }
  let last: JobRecord | undefined;
  const ended = AbortSignal.any([signal, stopping]);
  const others = await watchers.while(key, async () => {
    const { taskYaml, dataUri } = request;
    last = await jobs.request({ kind: batchJob, key, payload: { taskYaml, dataUri, inputDigest, run: by }, by });
    for await (const job of watched(jobs, key, ended)) {
      last = job;
      if (job.progress !== undefined) onProgress(job.progress);
    }
  });
  if (stopping.aborted) throw new Unavailable('the service is stopping: ask again, the work goes on');
  if (signal.aborted && !others)
    await jobs.cancel(batchJob, key, 'whoever asked for it is gone', (transaction, { payload }) =>
      askToEndRun(jobs, batchJob.parse(payload).run, transaction),
    );
  signal.throwIfAborted();
  if (last?.state !== 'succeeded') throw failureOf(last?.reason);
  const span = await metadata.findSpan(task.name, inputDigest);
  if (span === undefined) throw new Error(`the span of ${key} was made and is not recorded`);
  // The job may have been another's, whose task differs in what does not touch the data.
  if (batchJob.parse(last.payload).taskYaml !== request.taskYaml)
    await takeUp({ metadata, openStore, jobs }, request, task, span, by);
  return { span, alreadyThere: false };
}

/** Has a task go on with a span that is there: recorded as it is now, and said to be ready anew, so that what failed after the first time is tried anew. */
async function takeUp(
  parts: Pick<AskForSpanParts, 'openStore' | 'metadata' | 'jobs'>,
  request: IngestRequest,
  task: Task,
  span: SpanRecord,
  by: string,
): Promise<void> {
  const changed = await changedTask(parts, request, task, span);
  await parts.jobs.transaction(async (transaction) => {
    if (changed !== undefined) await parts.metadata.putTask(changed, transaction);
    await sayReady(transaction, span, `span.ready/${span.task}/${span.span}/${by}`);
  });
}
