import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { SpanManifest } from '@adstocrat/examples';
import {
  loneAucsOf,
  type Metadata,
  readTask,
  type Runs,
  type SpanRecord,
  type Spans,
  type Tasks,
  type VersionRecord,
} from '@adstocrat/metadata';
import { StoredImages } from '@adstocrat/stored-images';
import { columnsKnownLater, readingOf, type Task } from '@adstocrat/tasks';
import { buildReport } from './build-report.ts';
import { compareScores } from './compare-scores.ts';
import { writeEvaluation } from './evaluation-files.ts';
import type { EvaluationJob } from './judge-version.ts';
import type { Evaluated } from './judgement.ts';
import { scoreTestSplit } from './score-test-split.ts';
import type { OpenScorer, Scorer } from './scorer.ts';
import { columnSlicer, seenItemSlicer, type Slicer } from './slice-values.ts';

export interface EvaluateVersionOptions {
  readonly metadata: Tasks & Spans & Pick<Runs, 'getRun'> & Pick<Metadata, 'images'>;
  readonly store: ArtifactStore;
  readonly artifactsUrl: string;
  readonly openScorer: OpenScorer;
  readonly openEngine: () => Promise<ExampleEngine>;
  /** Scratch on local disk; what an evaluation puts there is removed when it ends. */
  readonly workDir: string;
  readonly nowMs: () => number;
}

/** Scores a candidate and the version in service on held-out rows, validates the servable, and lets the gate decide. */
export class EvaluateVersion {
  readonly #options: EvaluateVersionOptions;

  constructor(options: EvaluateVersionOptions) {
    this.#options = options;
  }

  /** Writes what came of it to the attempt's folder. Throws where it could not be done, `DamagedArtifact` where it never can be. */
  async run(record: VersionRecord, baseline: VersionRecord | undefined, job: EvaluationJob): Promise<Evaluated> {
    const { attempt, signal } = job;
    const { metadata, openScorer, workDir, store, artifactsUrl, nowMs } = this.#options;
    await mkdir(workDir, { recursive: true });
    const folder = await mkdtemp(join(workDir, `evaluation-${attempt}-`));
    const opened: Scorer[] = [];
    const open = async (version: VersionRecord): Promise<Scorer> => {
      const scorer = await openScorer(version.uri, version.digest, join(folder, `version-${version.version}`));
      opened.push(scorer);
      return scorer;
    };
    try {
      const task = await readTask(metadata, record.model);
      const span = await this.#newestSpan(record, task);
      const candidate = await open(record);
      const inService = baseline && (await open(baseline));
      const ignored = inService === undefined ? [] : forbiddenColumns(task, inService, candidate);
      const measure = ignored.length > 0 ? undefined : inService;
      const scored = await this.#score({ task, span, folder, candidate, inService: measure, signal });
      const validation = await candidate.validate();
      const comparison = await compareScores(scored, signal);
      const loneAucs = loneAucsOf((await metadata.getRun(record.runId))?.metrics ?? {});
      const known = { record, baseline, ignored, task, span, loneAucs };
      const report = buildReport({ ...known, comparison, validation, evaluatedAtMs: nowMs() });
      signal.throwIfAborted();
      return { report, uri: await writeEvaluation(store, artifactsUrl, job, report) };
    } finally {
      await Promise.all(opened.map((scorer) => scorer.close()));
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #newestSpan(record: VersionRecord, task: Task): Promise<SpanRecord> {
    const number = Math.max(...record.spans);
    const span = await this.#options.metadata.getSpan(task.name, number);
    if (span === undefined)
      throw new Error(
        `span ${number} of "${task.name}", which version ${record.version} was trained on, is not recorded`,
      );
    return span;
  }

  async #score(of: {
    readonly task: Task;
    readonly span: SpanRecord;
    readonly folder: string;
    readonly candidate: Scorer;
    readonly inService: Scorer | undefined;
    readonly signal: AbortSignal;
  }): ReturnType<typeof scoreTestSplit> {
    const { metadata, store, openEngine, artifactsUrl } = this.#options;
    const stored = new StoredImages({ registry: metadata.images, store, artifactsUrl });
    const { span, candidate, inService, signal } = of;
    const files = await this.#fetchTestSplit(span, join(of.folder, 'span'));
    const engine = await openEngine();
    try {
      return await scoreTestSplit({
        engine,
        files,
        slicers: slicersOf(of.task, candidate),
        candidate,
        readImages: async (digests) => {
          const read = new Map<string, Uint8Array>();
          await stored.forEach(digests, (sha256, bytes) => void read.set(sha256, bytes));
          return read;
        },
        signal,
        ...(inService && { baseline: inService }),
      });
    } finally {
      await engine.close();
    }
  }

  async #fetchTestSplit(span: SpanRecord, folder: string): Promise<readonly string[]> {
    const { store } = this.#options;
    const manifest = await readRoot<SpanManifest>(store, span.uri, 'span.json', span.digest);
    const test = Object.entries(manifest.files).filter(([name]) => /^examples\/test\/.*\.parquet$/.test(name));
    if (test.length === 0) throw new Error(`span ${span.span} has no test examples`);
    return fetchByManifest(store, span.uri, Object.fromEntries(test), folder);
  }
}

/** Columns that the version in service reads and the candidate does not, since the task says that none is to, or that they are known later. */
function forbiddenColumns(task: Task, inService: Scorer, candidate: Scorer): readonly string[] {
  const later = new Set(columnsKnownLater(task));
  const own = new Set(candidate.columns);
  const isForbidden = (column: string): boolean => readingOf(task.features, column) === 'ignored' || later.has(column);
  return inService.columns.filter((column) => isForbidden(column) && !own.has(column));
}

function slicersOf(task: Task, { manifest, seenItems }: Scorer): readonly Slicer[] {
  const { item } = manifest.roles;
  const byColumns = task.slices.map((columns) => columnSlicer(columns));
  return item !== undefined && seenItems ? [seenItemSlicer(item, seenItems), ...byColumns] : byColumns;
}
