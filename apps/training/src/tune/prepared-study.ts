import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openExampleEngine } from '@adstocrat/adapters';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { SpanRecord, Spans, StudyRecord } from '@adstocrat/metadata';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { StoredImages } from '@adstocrat/stored-images';
import { parseTask } from '@adstocrat/tasks';
import { baseRateOf } from '../data/training-rows.ts';
import { type PrepareOptions, prepareData } from '../run/prepare-data.ts';
import { recordedSpans } from '../run/recorded-spans.ts';
import { idCountsOf } from '../search/id-counts.ts';
import { linearCandidate } from '../search/linear-candidate.ts';
import { batchSizeFor } from '../search/schedule.ts';
import type { TuningData } from './try-setting.ts';
import { tuningRows } from './tuning-rows.ts';

/** Milliseconds without a trial after which a study's rows are let go. */
const idleMs = 60_000;

export interface PreparedStudyOptions {
  readonly metadata: Spans;
  readonly store: ArtifactStore;
  readonly stored: StoredImages;
  /** Folder for passing files, of this process alone. */
  readonly workDir: string;
  readonly logger: Logger;
  /** {@link prepareData}, or what stands for it. */
  readonly prepare?: typeof prepareData;
}

/** The rows of the study that this process tries settings on: loaded once for all its trials, and let go when none comes any more. */
export class PreparedStudy {
  readonly #options: PreparedStudyOptions;
  #held: { readonly key: string; readonly data: TuningData; readonly folder: string } | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: PreparedStudyOptions) {
    this.#options = options;
  }

  /** One at a time. Throws a `PermanentFailure` where there is nothing to learn from, or too little to tell settings apart. */
  async use<T>(
    study: StudyRecord,
    how: Pick<PrepareOptions, 'signal' | 'onStep'>,
    work: (data: TuningData) => Promise<T>,
  ): Promise<T> {
    clearTimeout(this.#idle);
    try {
      const key = `${study.id}-${study.madeAtMs}`;
      const spans = await this.#spansOf(study);
      if (this.#held?.key !== key) {
        await this.close();
        const folder = mkdtempSync(join(this.#options.workDir, `study-${key}-`));
        try {
          this.#held = { key, folder, data: await this.#prepare({ study, spans, workDir: folder }, how) };
        } catch (error) {
          rmSync(folder, { recursive: true, force: true });
          throw error;
        }
      }
      return await work(this.#held.data);
    } finally {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => {
        this.close().catch((error: unknown) => {
          this.#options.logger.warn({ err: error }, 'the rows of a study cannot be let go');
        });
      }, idleMs).unref();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    await held.data.data.train.close();
    rmSync(held.folder, { recursive: true, force: true });
  }

  /** As they were when the study was asked for. Throws a `PermanentFailure` for others: trials would not be comparable. */
  async #spansOf(study: StudyRecord): Promise<readonly SpanRecord[]> {
    const spans = await recordedSpans(study, this.#options.metadata);
    const changed = spans.find(({ digest }, index) => digest !== study.digests[index]);
    if (changed !== undefined)
      throw new PermanentFailure(
        `span ${changed.span} of "${study.task}" has other rows than when the study was asked for: ask for it again, as a new study`,
      );
    return spans;
  }

  async #prepare(
    {
      study,
      spans,
      workDir,
    }: { readonly study: StudyRecord; readonly spans: readonly SpanRecord[]; readonly workDir: string },
    how: Pick<PrepareOptions, 'signal' | 'onStep'>,
  ): Promise<TuningData> {
    const { store, stored, prepare = prepareData } = this.#options;
    const task = parseTask(study.taskYaml, `task "${study.task}"`);
    mkdirSync(join(workDir, 'engine'), { recursive: true });
    const engine = await openExampleEngine({ workDir: join(workDir, 'engine') });
    const { data: whole } = await prepare({ ...how, task, spans, store, stored, workDir }, engine).finally(() =>
      engine.close(),
    );
    // What trials read is loaded: the spans themselves, people's rows among them, need not lie here for hours.
    for (const name of ['spans', 'engine']) rmSync(join(workDir, name), { recursive: true, force: true });
    const { train } = whole;
    try {
      if (train.positives === 0 || train.positives === train.rows)
        throw new PermanentFailure(`all ${train.rows} training rows have one label: there is nothing to learn`);
      const rows = tuningRows(whole.validation);
      const data = { ...whole, validation: rows.choosing };
      const linear = await linearCandidate(data, how.signal);
      const { batchSize = batchSizeFor(train.rows), seed = 1 } = task.training;
      const options = {
        batchSize: Math.min(batchSize, train.rows),
        seed,
        idCounts: await idCountsOf(train, whole.graph),
        baseRate: baseRateOf(train),
        ...(linear && { linear }),
      };
      return { data, rows, options };
    } catch (error) {
      await train.close();
      throw error;
    }
  }
}
