import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtifactStore, joinUri } from '@adstocrat/artifact-store';
import type { EventBus } from '@adstocrat/event-bus';
import type { Metadata, RunRecord, SpanRecord } from '@adstocrat/metadata';
import { topics } from '@adstocrat/schemas';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { parseTask, type Task } from '@adstocrat/tasks';
import { chooseSpans } from './choose-spans.ts';
import { publishedServable, publishServable } from './publish-servable.ts';
import { runIdOf } from './run-inputs.ts';
import { trainServable } from './train-servable.ts';

export interface RunLoopOptions {
  readonly metadata: Metadata;
  readonly bus: EventBus;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  readonly workDir: string;
  readonly logger: Logger;
}

/** Wall milliseconds between two records of one run's progress. */
const recordMs = 500;

/**
 * Does runs, one at a time. A run is recorded before it is begun, so a process that was killed finds it again and does it
 * anew: the same inputs give the same run, version and bytes. A run that is done already only has its event said again.
 */
export class RunLoop {
  readonly #options: RunLoopOptions;
  readonly #stopping = new AbortController();
  readonly #queue = new Map<string, RunRecord>();
  #working: Promise<void> = Promise.resolve();

  constructor(options: RunLoopOptions) {
    this.#options = options;
  }

  /** Takes up the runs that a process before this one had begun. */
  async start(): Promise<void> {
    const { metadata, logger } = this.#options;
    for (const { name } of await metadata.listTasks()) {
      for (const run of await metadata.listRuns(name)) {
        if (run.state !== 'running') continue;
        logger.info({ run: run.id, task: name }, 'run resumed');
        this.#enqueue(run);
      }
    }
  }

  /** Records a run on the span (with the spans it is trained with) and begins it when its turn comes. Returns its id. */
  async request(task: string, newest: number, retrainId = ''): Promise<string> {
    const { metadata } = this.#options;
    const spans = await metadata.listSpans(task);
    const read = await this.#task(task);
    const chosen = chooseSpans(spans, newest, read.thresholds.retrainSpans);
    const id = runIdOf(read, chosen);
    const known = await metadata.getRun(id);
    if (known?.state === 'running') return id;
    const now = Date.now();
    const run: RunRecord = {
      id,
      task,
      spans: chosen.map(({ span }) => span),
      state: 'running',
      step: 'wait',
      done: 0,
      total: 0,
      ...(retrainId === '' ? {} : { retrainId }),
      metrics: known?.metrics ?? {},
      startedAtMs: known?.startedAtMs ?? now,
      updatedAtMs: now,
    };
    await metadata.putRun(run);
    this.#enqueue(run);
    return id;
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the service is stopping'));
    await this.#working;
  }

  #enqueue(run: RunRecord): void {
    if (this.#queue.has(run.id)) return;
    this.#queue.set(run.id, run);
    this.#working = this.#working.then(() => this.#do(run)).finally(() => this.#queue.delete(run.id));
  }

  async #do(run: RunRecord): Promise<void> {
    const { metadata, logger } = this.#options;
    if (this.#stopping.signal.aborted) return;
    const recorder = new RunRecorder(metadata, run);
    try {
      await this.#train(run, recorder);
    } catch (error) {
      // Left as running: the next process does it.
      if (this.#stopping.signal.aborted) return;
      logger.error({ err: error, run: run.id, task: run.task }, 'run failed');
      await recorder.end({ state: 'failed', error: (error as Error).message });
    }
  }

  async #train(run: RunRecord, recorder: RunRecorder): Promise<void> {
    const { metadata, store, artifactsUrl, logger } = this.#options;
    const task = await this.#task(run.task);
    const spans: SpanRecord[] = [];
    for (const number of run.spans) {
      const span = await metadata.getSpan(run.task, number);
      if (span === undefined) throw new Error(`span ${number} of "${run.task}" is not recorded`);
      spans.push(span);
    }
    const version = await metadata.reserveVersion(task.name, run.id);
    const uri = joinUri(artifactsUrl, 'models', task.name, String(version));
    let manifest = await publishedServable(store, uri, run.id);
    if (manifest === undefined) {
      const workDir = join(this.#options.workDir, `run-${run.id}`);
      rmSync(workDir, { recursive: true, force: true });
      mkdirSync(join(workDir, 'engine'), { recursive: true });
      try {
        const trained = await trainServable({
          task,
          spans,
          runId: run.id,
          version,
          createdAtMs: run.startedAtMs,
          store,
          artifactsUrl,
          workDir,
          signal: this.#stopping.signal,
          onStep: (step, done, total) => {
            recorder.step(step, done, total);
          },
          onFit: ({ step, steps, trainLoss, validationLoss, validationAuc, examplesPerSecond }) => {
            recorder.step('train', step, steps, { trainLoss, validationLoss, validationAuc, examplesPerSecond });
          },
        });
        const { validationLoss, validationAuc, step } = trained.fitted;
        recorder.step('upload', 0, 0, { validationLoss, validationAuc, bestStep: step });
        await publishServable(store, trained.folder, uri, trained.manifest);
        manifest = trained.manifest;
      } finally {
        rmSync(workDir, { recursive: true, force: true });
      }
    }
    await this.#say(run, version, uri, manifest.digest);
    await recorder.end({ state: 'succeeded', version, uri });
    await metadata.putExecution({
      id: `train/${run.id}`,
      kind: 'train',
      inputDigest: run.id,
      inputs: spans.map((span) => span.uri),
      outputs: [uri],
      state: 'succeeded',
      facts: recorder.metrics,
      startedAtMs: run.startedAtMs,
      endedAtMs: Date.now(),
    });
    logger.info({ run: run.id, task: task.name, version, ...recorder.metrics }, 'model trained');
  }

  async #say(run: RunRecord, version: number, uri: string, digest: string): Promise<void> {
    const { task, spans, retrainId = '' } = run;
    const event = { task, model: task, version, uri, digest, runId: run.id, spans: [...spans], retrainId };
    await this.#options.bus.publish(topics.modelTrained, [
      { id: `model.trained/${task}/${version}/${digest}`, key: task, source: 'training', event },
    ]);
  }

  async #task(name: string): Promise<Task> {
    const record = await this.#options.metadata.getTask(name);
    if (record === undefined)
      throw new RangeError(`no task "${name}" is recorded: ingestion records it with its first span`);
    return parseTask(record.resolvedYaml, `task "${name}"`);
  }
}

/** Writes a run's progress to the registry, at most twice a second, its steps in order. */
class RunRecorder {
  readonly #metadata: Metadata;
  #run: RunRecord;
  #writing: Promise<void> = Promise.resolve();
  #lastMs = 0;

  constructor(metadata: Metadata, run: RunRecord) {
    this.#metadata = metadata;
    this.#run = run;
  }

  get metrics(): RunRecord['metrics'] {
    return this.#run.metrics;
  }

  step(step: string, done: number, total: number, metrics: RunRecord['metrics'] = {}): void {
    const now = Date.now();
    const changed = step !== this.#run.step || Object.keys(metrics).length > 0;
    this.#run = { ...this.#run, step, done, total, metrics: { ...this.#run.metrics, ...metrics }, updatedAtMs: now };
    if (!changed && now - this.#lastMs < recordMs) return;
    this.#lastMs = now;
    const run = this.#run;
    // Progress that cannot be recorded is no reason to stop; the end is recorded by `end`, which says so.
    this.#writing = this.#writing.then(() => this.#metadata.putRun(run)).catch(() => undefined);
  }

  async end(change: Pick<RunRecord, 'state'> & Partial<RunRecord>): Promise<void> {
    await this.#writing;
    this.#run = { ...this.#run, ...change, updatedAtMs: Date.now() };
    await this.#metadata.putRun(this.#run);
  }
}
