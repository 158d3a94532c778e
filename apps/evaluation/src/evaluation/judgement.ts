import type { ExecutionRecord, VersionRecord } from '@adstocrat/metadata';
import type { EvaluationReport } from './evaluation-report.ts';

/** A version's evaluation, written and not yet recorded. */
export interface Evaluated {
  readonly report: EvaluationReport;
  /** Of its evaluation.json. */
  readonly uri: string;
}

/** What is recorded of an evaluation. */
export interface Judgement {
  readonly record: VersionRecord;
  /** The version in service that it was compared with. */
  readonly baseline: VersionRecord | undefined;
  readonly evaluated: Evaluated;
  /** Unix milliseconds. */
  readonly startedAtMs: number;
}

/** The lineage of an evaluation. */
export function executionOf(
  { record, baseline, evaluated, startedAtMs }: Judgement,
  endedAtMs: number,
): ExecutionRecord {
  const { report, uri } = evaluated;
  return {
    id: `evaluate/${record.model}/${record.version}`,
    kind: 'evaluate',
    inputs: [record.uri, ...(baseline ? [baseline.uri] : []), report.evaluatedOn.uri],
    outputs: [uri],
    facts: { blessed: report.blessed, reasons: report.reasons, rows: report.candidate.rows, auc: report.candidate.auc },
    startedAtMs,
    endedAtMs,
  };
}
