import {
  aucDifference,
  aucEstimate,
  calibrationCurve,
  logLossDifference,
  rowMetrics,
  selectRows,
  sliceMetrics,
} from '@adstocrat/metrics';
import type { CalibrationBin, Estimate, RowMetrics } from '@adstocrat/metrics';
import type { SliceReport } from './evaluation-report.ts';

/** Scores of the same rows by the candidate and by the version in service, if there is one. */
export interface ComparedScores {
  readonly labels: Float64Array;
  readonly candidate: Float64Array;
  readonly baseline?: Float64Array;
  /** One value a row for each way of slicing. */
  readonly slices: readonly { readonly by: string; readonly values: readonly string[] }[];
}

export interface Comparison {
  readonly candidate: RowMetrics;
  readonly auc: Estimate;
  readonly baseline?: {
    readonly metrics: RowMetrics;
    readonly aucDifference: Estimate;
    readonly logLossDifference: Estimate;
  };
  readonly calibrationCurve: readonly CalibrationBin[];
  readonly slices: readonly SliceReport[];
}

/** Slices of one definition that are kept: those with most rows. */
const maxSlices = 50;

/** All numbers of an evaluation. Pure: the same scores give the same numbers. */
export function compareScores({ labels, candidate, baseline, slices }: ComparedScores): Comparison {
  const rows = { scores: candidate, labels };
  return {
    candidate: rowMetrics(rows),
    auc: aucEstimate(rows),
    ...(baseline && {
      baseline: {
        metrics: rowMetrics({ scores: baseline, labels }),
        aucDifference: aucDifference({ candidate, baseline, labels }),
        logLossDifference: logLossDifference({ candidate, baseline, labels }),
      },
    }),
    calibrationCurve: calibrationCurve(rows, { by: 'mass' }),
    slices: slices.flatMap(({ by, values }) =>
      sliceMetrics(rows, values, { maxSlices }).map(({ value, weak, metrics, rowNumbers }) => ({
        by,
        value,
        weak,
        candidate: metrics,
        ...(baseline && compareSlice({ labels, candidate, baseline, rowNumbers })),
      })),
    ),
  };
}

function compareSlice(of: {
  readonly labels: Float64Array;
  readonly candidate: Float64Array;
  readonly baseline: Float64Array;
  readonly rowNumbers: Uint32Array;
}): Pick<SliceReport, 'baseline' | 'aucDifference'> {
  const candidate = selectRows({ scores: of.candidate, labels: of.labels }, of.rowNumbers);
  const baseline = selectRows({ scores: of.baseline, labels: of.labels }, of.rowNumbers);
  return {
    baseline: rowMetrics(baseline),
    aucDifference: aucDifference({ candidate: candidate.scores, baseline: baseline.scores, labels: baseline.labels }),
  };
}
