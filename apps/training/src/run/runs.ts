import type { Jobs } from '@adstocrat/jobs';
import type { Metadata, RunRecord } from '@adstocrat/metadata';
import { parseTask } from '@adstocrat/tasks';
import { chooseSpans } from './choose-spans.ts';
import { publishTrained } from './publish-trained.ts';
import { runIdOf } from './run-inputs.ts';
import { type RunView, viewOfJob, viewOfRecord } from './run-view.ts';
import type { VersionBefore } from '../warm/fetch-before.ts';
import { runOf, trainJob } from './train-job.ts';

/** Runs as they are asked for, cancelled and looked at. Doing them is `DoRun`'s. */
export class Runs {
  readonly #metadata: Metadata;
  readonly #jobs: Jobs;

  constructor(metadata: Metadata, jobs: Jobs) {
    this.#metadata = metadata;
    this.#jobs = jobs;
  }

  /**
   * Asks for the run on a span, with the spans it is trained with, for `by` (an event's or a call's id). Returns the run's id. The same
   * inputs are one run: one that succeeded only has its event said again, one that failed or was cancelled is tried anew. Where it is asked for `anew`, by a
   * person, and the files of the version were removed that it made, another run makes another version. Throws a `RangeError` where task or span is not recorded.
   */
  async request(
    task: string,
    newest: number,
    by: string,
    { retrainId = '', anew = false }: { readonly retrainId?: string; readonly anew?: boolean } = {},
  ): Promise<string> {
    const record = await this.#metadata.getTask(task);
    if (record === undefined)
      throw new RangeError(`no task "${task}" is recorded: ingestion records it with its first span`);
    const read = parseTask(record.resolvedYaml, `task "${task}"`);
    const spans = chooseSpans(await this.#metadata.listSpans(task), newest, read.thresholds.retrainSpans);
    const before = read.training.warmStart === true ? await this.#inService(task) : undefined;
    let id = runIdOf(read, spans, { before });
    let done = await this.#metadata.getRun(id);
    for (let removed = await this.#removed(done); anew && removed !== undefined; removed = await this.#removed(done)) {
      id = runIdOf(read, spans, { before, removed });
      done = await this.#metadata.getRun(id);
    }
    if (done?.state === 'succeeded') {
      await this.#jobs.transaction((transaction) => publishTrained(transaction, done, { by, retrainId }));
      return id;
    }
    const numbers = spans.map(({ span }) => span);
    const payload = { task, spans: numbers, retrainId, taskYaml: record.resolvedYaml, ...(before && { before }) };
    await this.#jobs.request({ kind: trainJob, key: id, payload, by });
    return id;
  }

  /** The version that a run made, where its files were removed. */
  async #removed(run: RunRecord | undefined): Promise<number | undefined> {
    if (run?.made === undefined) return undefined;
    const version = await this.#metadata.getVersion(run.task, run.made.version);
    return version?.removedAtMs === undefined ? undefined : version.version;
  }

  async #inService(model: string): Promise<VersionBefore | undefined> {
    const deployment = await this.#metadata.currentDeployment(model);
    return deployment?.versions.find(({ version }) => version === deployment.labels['stable']);
  }

  /** False where there is no such run, or it has ended. */
  cancel(id: string, reason: string): Promise<boolean> {
    return this.#jobs.cancel(trainJob, id, reason, async (transaction, job) => {
      const { metrics = {} } = job.progress ?? {};
      await this.#metadata.putRun(
        { ...runOf(id, trainJob.parse(job.payload)), state: 'cancelled', reason, metrics },
        transaction,
      );
    });
  }

  async find(id: string): Promise<RunView | undefined> {
    // The job first: its end and the record are one transaction, so what is no longer live is recorded.
    const job = (await this.#jobs.live(trainJob)).find(({ key }) => key === id);
    if (job !== undefined) return viewOfJob(job);
    const record = await this.#metadata.getRun(id);
    return record && viewOfRecord(record);
  }

  /** By start, those in progress last. */
  async list(task: string): Promise<readonly RunView[]> {
    const live = (await this.#jobs.live(trainJob)).map(viewOfJob).filter((run) => run.task === task);
    const ids = new Set(live.map(({ id }) => id));
    const ended = (await this.#metadata.listRuns(task)).filter(({ id }) => !ids.has(id));
    return [...ended.map(viewOfRecord), ...live];
  }
}
