import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ArtifactExists, ArtifactNotFound } from '@adstocrat/artifact-store';
import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { ExampleEngine } from '@adstocrat/example-engine';
import type { SpanManifest } from '@adstocrat/examples';
import { type Metadata, readTask, type SpanRecord, type VersionRecord } from '@adstocrat/metadata';
import type { Task } from '@adstocrat/tasks';
import { judge } from '../gate/gate.ts';
import { thresholdsOf } from '../gate/thresholds.ts';
import { compareScores } from './compare-scores.ts';
import type { Comparison } from './compare-scores.ts';
import type { EvaluationReport, ServableValidation } from './evaluation-report.ts';
import { evaluationUri } from './evaluation-uri.ts';
import { artifactUri, fetchFiles, readJson } from './fetch-artifact.ts';
import { reportPage } from './report-page.ts';
import { scoreTestSplit } from './score-test-split.ts';
import type { OpenScorer, ReadImage, Scorer } from './scorer.ts';
import { columnSlicer, seenItemSlicer } from './slice-values.ts';
import { objectionsTo } from './servable-validation.ts';

export interface EvaluateVersionOptions {
  readonly metadata: Metadata;
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

  /** Records what came of it. Throws where it could not be done; then nothing is blessed. */
  async run(record: VersionRecord, signal: AbortSignal): Promise<VersionRecord> {
    const { metadata, nowMs } = this.#options;
    const startedAtMs = nowMs();
    const stable = (await metadata.currentDeployment(record.model))?.labels['stable'];
    const baseline = stable === undefined ? undefined : await metadata.getVersion(record.model, stable);
    const report = (await this.#finished(record, baseline)) ?? (await this.#evaluate(record, baseline, signal));
    const judged: VersionRecord = {
      ...record,
      state: report.blessed ? 'blessed' : 'not_blessed',
      evaluation: JSON.parse(JSON.stringify(report)) as Record<string, unknown>,
      blessed: report.blessed,
      reasons: report.reasons,
      updatedAtMs: nowMs(),
    };
    await metadata.putVersion(judged);
    await metadata.putExecution({
      id: `evaluate/${record.model}/${record.version}`,
      kind: 'evaluate',
      inputDigest: [record.digest, baseline?.digest ?? '', report.evaluatedOn.digest].join('/'),
      inputs: [record.uri, ...(baseline ? [baseline.uri] : []), report.evaluatedOn.uri],
      outputs: [this.#uri(record)],
      state: 'succeeded',
      facts: {
        blessed: report.blessed,
        reasons: report.reasons,
        rows: report.candidate.rows,
        auc: report.candidate.auc,
      },
      startedAtMs,
      endedAtMs: nowMs(),
    });
    return judged;
  }

  /** What a process that was killed after it wrote the evaluation left, if it judged this candidate beside this baseline. */
  async #finished(record: VersionRecord, baseline: VersionRecord | undefined): Promise<EvaluationReport | undefined> {
    const { store } = this.#options;
    const uri = this.#uri(record);
    try {
      await store.stat(uri);
    } catch (error) {
      if (error instanceof ArtifactNotFound) return undefined;
      throw error;
    }
    const report = (await readJson(store, uri)) as EvaluationReport;
    if (report.digest === record.digest && report.baseline?.version === baseline?.version) return report;
    await store.remove(uri);
    return undefined;
  }

  async #evaluate(
    record: VersionRecord,
    baseline: VersionRecord | undefined,
    signal: AbortSignal,
  ): Promise<EvaluationReport> {
    const { metadata, store, openScorer, workDir } = this.#options;
    await mkdir(workDir, { recursive: true });
    const folder = await mkdtemp(join(workDir, 'evaluation-'));
    const opened: Scorer[] = [];
    try {
      const task = await readTask(metadata, record.model);
      const span = await this.#newestSpan(record, task);
      const manifest = (await readJson(store, artifactUri(span.uri, 'span.json'))) as SpanManifest;
      const open = async (version: VersionRecord): Promise<Scorer> => {
        const scorer = await openScorer(version.uri, version.digest, join(folder, `version-${version.version}`));
        opened.push(scorer);
        return scorer;
      };
      const candidate = await open(record);
      const inService = baseline && (await open(baseline));
      const scored = await this.#score({
        task,
        span,
        manifest,
        folder,
        candidate,
        signal,
        ...(inService && { baseline: inService }),
      });
      const validation = await candidate.validate();
      const report = this.#report({
        record,
        task,
        span,
        comparison: compareScores(scored),
        validation,
        ...(baseline && { baseline }),
      });
      await this.#write(report);
      return report;
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
    readonly manifest: SpanManifest;
    readonly folder: string;
    readonly candidate: Scorer;
    readonly baseline?: Scorer;
    readonly signal: AbortSignal;
  }): ReturnType<typeof scoreTestSplit> {
    const { store, openEngine } = this.#options;
    const test = Object.fromEntries(
      Object.entries(of.manifest.files).filter(([name]) => /^examples\/test\/.*\.parquet$/.test(name)),
    );
    if (Object.keys(test).length === 0) throw new Error(`span ${of.span.span} has no test examples`);
    const files = await fetchFiles(store, of.span.uri, test, join(of.folder, 'span'));
    const { item } = of.candidate.manifest.roles;
    const slicers = [
      ...(item !== undefined && of.candidate.seenItems ? [seenItemSlicer(item, of.candidate.seenItems)] : []),
      ...of.task.slices.map((columns) => columnSlicer(columns)),
    ];
    const engine = await openEngine();
    try {
      return await scoreTestSplit({
        engine,
        files,
        slicers,
        candidate: of.candidate,
        readImage: this.#imageReader(),
        signal: of.signal,
        ...(of.baseline && { baseline: of.baseline }),
      });
    } finally {
      await engine.close();
    }
  }

  #imageReader(): ReadImage {
    const { store, artifactsUrl } = this.#options;
    return async (sha256) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of store.read(artifactUri(artifactsUrl, `images/${sha256}`))) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
  }

  #report(of: {
    readonly record: VersionRecord;
    readonly baseline?: VersionRecord;
    readonly task: Task;
    readonly span: SpanRecord;
    readonly comparison: Comparison;
    readonly validation: ServableValidation;
  }): EvaluationReport {
    const { record, baseline, task, span, comparison, validation } = of;
    const thresholds = thresholdsOf(task.thresholds);
    const compared = baseline &&
      comparison.baseline && { version: baseline.version, digest: baseline.digest, ...comparison.baseline };
    const verdict = judge({
      candidate: comparison.candidate,
      auc: comparison.auc,
      thresholds,
      ...(compared && { baseline: compared }),
    });
    const objections = objectionsTo(validation);
    const blessed = verdict.blessed && objections.length === 0;
    const weak = comparison.candidate.positives < thresholds.minPositives;
    return {
      version: 1,
      model: record.model,
      modelVersion: record.version,
      digest: record.digest,
      task: task.name,
      runId: record.runId,
      trainedOn: record.spans,
      evaluatedOn: { span: span.span, kind: span.kind, split: 'test', uri: span.uri, digest: span.digest },
      candidate: comparison.candidate,
      auc: comparison.auc,
      ...(compared && { baseline: compared }),
      calibrationCurve: comparison.calibrationCurve,
      slices: comparison.slices,
      thresholds,
      validation,
      blessed,
      reasons: blessed || verdict.blessed === false ? [...verdict.reasons, ...objections] : objections,
      notes:
        weak && baseline
          ? [
              `span ${span.span} is small: both versions are compared on ${comparison.candidate.rows} rows with ${comparison.candidate.positives} positives`,
            ]
          : [],
      evaluatedAtMs: this.#options.nowMs(),
    };
  }

  async #write(report: EvaluationReport): Promise<void> {
    const { store, artifactsUrl } = this.#options;
    const uri = evaluationUri(artifactsUrl, report.model, report.modelVersion);
    const page = uri.replace(/evaluation\.json$/, 'report.html');
    try {
      await store.create(page, [Buffer.from(reportPage(report))]);
    } catch (error) {
      if (!(error instanceof ArtifactExists)) throw error;
      await store.remove(page);
      await store.create(page, [Buffer.from(reportPage(report))]);
    }
    // The root file last: an evaluation without it does not exist.
    await store.create(uri, [Buffer.from(`${JSON.stringify(report, null, 1)}\n`)]);
  }

  #uri(record: VersionRecord): string {
    return evaluationUri(this.#options.artifactsUrl, record.model, record.version);
  }
}
