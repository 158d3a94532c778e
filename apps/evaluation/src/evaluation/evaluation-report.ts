import type { CalibrationBin, Estimate, RowMetrics } from '@adstocrat/metrics';
import type { Thresholds } from '../gate/thresholds.ts';

/** `evaluation.json`: how one version did on held-out rows and what came of it. A number that is not defined is null there. */
export interface EvaluationReport {
  readonly version: 1;
  readonly model: string;
  readonly modelVersion: number;
  readonly digest: string;
  readonly task: string;
  readonly runId: string;
  /** Spans trained on, and the one whose test split judged. */
  readonly trainedOn: readonly number[];
  readonly evaluatedOn: {
    readonly span: number;
    readonly kind: 'batch' | 'live';
    readonly split: 'test';
    readonly uri: string;
    readonly digest: string;
  };
  readonly candidate: RowMetrics;
  /** The candidate's AUC with its 95 % interval. */
  readonly auc: Estimate;
  /** The candidate's log-loss minus that of the rows' own share of positives, said of each row. Below 0 is better. */
  readonly againstBaseRate: Estimate;
  /** The version in service, on the same rows. */
  readonly baseline?: BaselineReport;
  /** The version in service, where it reads what the task says that no model is to, and so was no measure. */
  readonly notCompared?: number;
  /** Over 10 bins of equal row count. */
  readonly calibrationCurve: readonly CalibrationBin[];
  readonly slices: readonly SliceReport[];
  readonly thresholds: Thresholds;
  readonly validation: ServableValidation;
  readonly blessed: boolean;
  readonly reasons: readonly string[];
  /** What a reader should know before trusting the numbers. */
  readonly notes: readonly string[];
  readonly evaluatedAtMs: number;
}

export interface BaselineReport {
  readonly version: number;
  readonly digest: string;
  readonly metrics: RowMetrics;
  /** Candidate minus baseline, with 95 % intervals. */
  readonly aucDifference: Estimate;
  readonly logLossDifference: Estimate;
}

export interface SliceReport {
  /** What the rows were sliced by, for example `device` or `device × site`, and the value they share. */
  readonly by: string;
  readonly value: string;
  /** Too few rows or positives to read anything into it. */
  readonly weak: boolean;
  readonly candidate: RowMetrics;
  readonly baseline?: RowMetrics;
  readonly aucDifference?: Estimate;
}

/** What loading the servable as serving would do showed. */
export interface ServableValidation {
  readonly warmUpRows: number;
  /** Largest |score − expected score| of the warm-up rows. At most `warmUpTolerance` passes. */
  readonly largestDifference: number;
  /** Time of one single-row answer, milliseconds, median of the warm-up. */
  readonly rowMs: number;
}
