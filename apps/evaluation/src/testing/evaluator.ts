import type { ArtifactStore } from '@adstocrat/artifact-store';
import type { VersionRecord } from '@adstocrat/metadata';
import { writeEvaluation } from '../evaluation/evaluation-files.ts';
import type { EvaluationReport } from '../evaluation/evaluation-report.ts';
import type { Evaluator } from '../evaluation/judge-version.ts';

export interface JudgedAs {
  readonly blessed: boolean;
  readonly reasons: readonly string[];
}

/** An evaluator that writes a real report to a real store, with the verdict that it is told. */
export function evaluatorThatSays(
  store: ArtifactStore,
  artifactsUrl: string,
  verdict: (version: VersionRecord, baseline: VersionRecord | undefined, signal: AbortSignal) => Promise<JudgedAs>,
): Evaluator {
  return {
    run: async (version, baseline, job) => {
      const report = reportSaying(version, baseline, await verdict(version, baseline, job.signal));
      return { report, uri: await writeEvaluation(store, artifactsUrl, job, report) };
    },
  };
}

/** A report with a verdict and made-up figures. */
export function reportSaying(
  version: VersionRecord,
  baseline: VersionRecord | undefined,
  verdict: JudgedAs,
): EvaluationReport {
  const half = { value: 0.5, standardError: 0.05, low: 0.4, high: 0.6 };
  const metrics = {
    rows: 100,
    positives: 10,
    auc: 0.7,
    averagePrecision: 0.2,
    logLoss: 0.3,
    brier: 0.1,
    meanPrediction: 0.1,
    meanLabel: 0.1,
    calibration: 1,
    expectedCalibrationError: 0,
  };
  return {
    version: 1,
    model: version.model,
    modelVersion: version.version,
    digest: version.digest,
    task: version.model,
    runId: version.runId,
    trainedOn: version.spans,
    evaluatedOn: { span: 1, kind: 'batch', split: 'test', uri: 'file:///span', digest: 'span' },
    candidate: metrics,
    auc: half,
    againstBaseRate: half,
    ...(baseline && {
      baseline: {
        version: baseline.version,
        digest: baseline.digest,
        metrics,
        aucDifference: half,
        logLossDifference: half,
      },
    }),
    calibrationCurve: [],
    slices: [],
    thresholds: { minAuc: 0.5, aucMargin: 0.01, calibrationError: 0.1, minPositives: 1, loneAuc: 0.999 },
    validation: { warmUpRows: 1, largestDifference: 0, rowMs: 1 },
    blessed: verdict.blessed,
    reasons: verdict.reasons,
    notes: [],
    evaluatedAtMs: 1_000,
  };
}
