import { setTimeout as sleep } from 'node:timers/promises';
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
  /** The candidate's log-loss minus that of the rows' own share of positives, said of each row. */
  readonly againstBaseRate: Estimate;
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

/**
 * All numbers of an evaluation; the same scores give the same numbers. A million rows take seconds of the processor: between two
 * steps others get their turn, so that the lease of the job is prolonged meanwhile. Throws the signal's reason once it is aborted.
 */
export async function compareScores(compared: ComparedScores, signal: AbortSignal): Promise<Comparison> {
  const { labels, candidate, slices } = compared;
  const rows = { scores: candidate, labels };
  const step = async <T>(compute: () => T): Promise<T> => {
    await sleep(1);
    signal.throwIfAborted();
    return compute();
  };
  const metrics = await step(() => rowMetrics(rows));
  const auc = await step(() => aucEstimate(rows));
  const constant = new Float64Array(labels.length).fill(metrics.meanLabel);
  const againstBaseRate = await step(() => logLossDifference({ candidate, baseline: constant, labels }));
  const baseline = await compareWithBaseline(compared, step);
  const curve = await step(() => calibrationCurve(rows, { by: 'mass' }));
  const reports: SliceReport[] = [];
  for (const { by, values } of slices)
    for (const slice of await step(() => sliceMetrics(rows, values, { maxSlices }))) {
      const { value, weak, rowNumbers } = slice;
      const beside = await step(() => compareSlice(compared, rowNumbers));
      reports.push({ by, value, weak, candidate: slice.metrics, ...beside });
    }
  const comparison = { candidate: metrics, auc, againstBaseRate, calibrationCurve: curve, slices: reports };
  return baseline === undefined ? comparison : { ...comparison, baseline };
}

async function compareWithBaseline(
  { labels, candidate, baseline }: ComparedScores,
  step: <T>(compute: () => T) => Promise<T>,
): Promise<Comparison['baseline']> {
  if (baseline === undefined) return undefined;
  return {
    metrics: await step(() => rowMetrics({ scores: baseline, labels })),
    aucDifference: await step(() => aucDifference({ candidate, baseline, labels })),
    logLossDifference: await step(() => logLossDifference({ candidate, baseline, labels })),
  };
}

function compareSlice(
  compared: ComparedScores,
  rowNumbers: Uint32Array,
): Pick<SliceReport, 'baseline' | 'aucDifference'> {
  if (compared.baseline === undefined) return {};
  const { labels } = compared;
  const candidate = selectRows({ scores: compared.candidate, labels }, rowNumbers);
  const baseline = selectRows({ scores: compared.baseline, labels }, rowNumbers);
  return {
    baseline: rowMetrics(baseline),
    aucDifference: aucDifference({ candidate: candidate.scores, baseline: baseline.scores, labels: baseline.labels }),
  };
}
