import type { SpanRecord, VersionRecord } from '@adstocrat/metadata';
import type { Task } from '@adstocrat/tasks';
import { judge } from '../gate/gate.ts';
import { thresholdsOf } from '../gate/thresholds.ts';
import type { Comparison } from './compare-scores.ts';
import type { BaselineReport, EvaluationReport, ServableValidation } from './evaluation-report.ts';
import { objectionsTo } from './servable-validation.ts';

/** What an evaluation found out. */
export interface Findings {
  readonly record: VersionRecord;
  /** The version in service, which scored the same rows; unless it reads columns that the task has ignored since, or says to be known later. */
  readonly baseline: VersionRecord | undefined;
  readonly ignored: readonly string[];
  readonly task: Task;
  readonly span: SpanRecord;
  readonly comparison: Comparison;
  /** Of the run that made the candidate. */
  readonly loneAucs?: ReadonlyMap<string, number>;
  readonly validation: ServableValidation;
  /** Unix milliseconds. */
  readonly evaluatedAtMs: number;
}

/** Has the gate decide, and says everything that it was decided by. */
export function buildReport(findings: Findings): EvaluationReport {
  const { record, task, span, comparison, validation, evaluatedAtMs } = findings;
  const thresholds = thresholdsOf(task.thresholds);
  const baseline = baselineReport(findings);
  const { candidate, auc, againstBaseRate } = comparison;
  const measured =
    baseline === undefined && findings.baseline !== undefined ? { replaces: findings.baseline.version } : {};
  const verdict = judge({
    candidate,
    auc,
    againstBaseRate,
    thresholds,
    ...measured,
    ...(baseline && { baseline }),
    ...(findings.loneAucs && { loneAucs: findings.loneAucs }),
  });
  const objections = objectionsTo(validation);
  const blessed = verdict.blessed && objections.length === 0;
  return {
    version: 1,
    model: record.model,
    modelVersion: record.version,
    digest: record.digest,
    task: task.name,
    runId: record.runId,
    trainedOn: record.spans,
    evaluatedOn: { span: span.span, kind: span.kind, split: 'test', uri: span.uri, digest: span.digest },
    candidate,
    auc,
    againstBaseRate,
    ...(baseline && { baseline }),
    ...(findings.baseline !== undefined && baseline === undefined && { notCompared: findings.baseline.version }),
    calibrationCurve: comparison.calibrationCurve,
    slices: comparison.slices,
    thresholds,
    validation,
    blessed,
    reasons: [
      ...(blessed || !verdict.blessed ? [...verdict.reasons, ...objections] : objections),
      ...noMeasure(findings),
    ],
    notes: baseline && candidate.positives < thresholds.minPositives ? [smallSpan(span, comparison)] : [],
    evaluatedAtMs,
  };
}

function baselineReport({ baseline, comparison }: Findings): BaselineReport | undefined {
  if (baseline === undefined || comparison.baseline === undefined) return undefined;
  return { version: baseline.version, digest: baseline.digest, ...comparison.baseline };
}

/** Why the version in service was no measure: one that reads what is known too late ranks better than any that may be served. */
function noMeasure({ baseline, ignored }: Findings): readonly string[] {
  if (baseline === undefined || ignored.length === 0) return [];
  const columns = ignored.map((one) => JSON.stringify(one)).join(', ');
  return [
    `judged as a first model: version ${baseline.version}, in service, reads ${columns}: the task says that no model is to`,
  ];
}

function smallSpan({ span }: SpanRecord, { candidate }: Comparison): string {
  return `span ${span} is small: both versions are compared on ${candidate.rows} rows with ${candidate.positives} positives`;
}
