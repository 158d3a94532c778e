import type { VersionRecord } from '@adstocrat/metadata';
import type { evaluation } from '@adstocrat/schemas';

/** A version's evaluation as the API says it. A number that is not defined is NaN; all are until the version is judged. */
export function evaluationMessage(record: VersionRecord): evaluation.Evaluation {
  const report = record.evaluation;
  const number = (...path: readonly string[]): number => {
    const value = path.reduce<unknown>(
      (at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name],
      report,
    );
    return typeof value === 'number' ? value : NaN;
  };
  const count = (...path: readonly string[]): number => number(...path) || 0;
  return {
    model: record.model,
    version: record.version,
    baselineVersion: count('baseline', 'version'),
    rows: count('candidate', 'rows'),
    positives: count('candidate', 'positives'),
    auc: number('candidate', 'auc'),
    logLoss: number('candidate', 'logLoss'),
    calibration: number('candidate', 'calibration'),
    baselineAuc: number('baseline', 'metrics', 'auc'),
    baselineLogLoss: number('baseline', 'metrics', 'logLoss'),
    aucDifference: number('baseline', 'aucDifference', 'value'),
    aucDifferenceLow: number('baseline', 'aucDifference', 'low'),
    aucDifferenceHigh: number('baseline', 'aucDifference', 'high'),
    blessed: record.blessed,
    reasons: [...record.reasons],
    uri: record.evaluationUri ?? '',
  };
}
