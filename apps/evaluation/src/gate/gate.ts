import type { Estimate, RowMetrics } from '@adstocrat/metrics';
import { calibrationShownWorse } from './calibration-check.ts';
import type { Thresholds } from './thresholds.ts';

/** What is known of a candidate when it is judged. */
export interface GateInput {
  readonly candidate: RowMetrics;
  /** The candidate's AUC with its interval. */
  readonly auc: Estimate;
  /** The candidate's log-loss minus that of the rows' own share of positives, said of each row. Below 0 is better. */
  readonly againstBaseRate: Estimate;
  /** The version in service, scored on the same rows. Absent for a first model. */
  readonly baseline?: { readonly version: number; readonly metrics: RowMetrics; readonly aucDifference: Estimate };
  /** The version in service, where that is no measure. */
  readonly replaces?: number;
  /** Columns that alone rank the rows that chose the model suspiciously well, with their AUC. */
  readonly loneAucs?: ReadonlyMap<string, number>;
  readonly thresholds: Thresholds;
}

export interface Verdict {
  readonly blessed: boolean;
  /** Blessed: empty, or "on weak evidence: …". Else everything that stands against it. */
  readonly reasons: readonly string[];
}

/**
 * Blesses a candidate or says why not. Closed by default: a number that is missing or not finite is a reason against.
 *
 * - A first model's AUC must reach `minAuc`. With fewer than `minPositives` positives the interval decides instead: the
 *   model is blessed on weak evidence unless the interval shows it below.
 * - On any evidence, a first model is refused where its log-loss is shown to be above that of a constant, the share of positives.
 * - Beside a model in service, the lower end of the 95 % interval of the AUC difference must be >= −`aucMargin`. On weak
 *   evidence it must be above 0: a running model is replaced only by one shown better.
 * - Beside a model in service that is no measure it is judged as a first one, but not on weak evidence.
 * - Mean prediction and mean label must agree within `calibrationError`, as far as that many positives can tell; a
 *   candidate calibrated at least as well as the model in service is not refused for it.
 * - No model is blessed that ranks above `loneAuc` as one of its columns does alone: what is known before a click does not.
 */
export function judge(input: GateInput): Verdict {
  const missing = missingMetrics(input);
  if (missing.length > 0) return { blessed: false, reasons: missing };
  const { candidate, baseline, thresholds } = input;
  const weak = candidate.positives < thresholds.minPositives;
  const against = [
    ...(baseline ? againstReplacing(input, baseline, weak) : againstFirst(input, weak)),
    ...againstCalibration(input),
    ...againstLeaks(input),
  ];
  if (against.length > 0) return { blessed: false, reasons: against };
  return {
    blessed: true,
    reasons: weak ? [`on weak evidence: ${candidate.positives} positives, ${thresholds.minPositives} wanted`] : [],
  };
}

function missingMetrics({ candidate, auc, againstBaseRate, baseline, thresholds }: GateInput): readonly string[] {
  const wanted: Readonly<Record<string, number>> = {
    AUC: candidate.auc,
    'log-loss': candidate.logLoss,
    calibration: candidate.calibration,
    ...(!baseline && { 'log-loss difference from the base rate': againstBaseRate.value }),
    // One positive gives an AUC and no interval; for a first model that is weak evidence, not an error.
    ...(candidate.positives >= thresholds.minPositives && { "AUC's interval": auc.low }),
    ...(baseline && {
      'AUC of the model in service': baseline.metrics.auc,
      'log-loss of the model in service': baseline.metrics.logLoss,
      "AUC difference's interval": baseline.aucDifference.low,
    }),
  };
  const counts = `on ${candidate.rows} held-out rows with ${candidate.positives} positives`;
  return Object.entries(wanted).flatMap(([name, value]) =>
    Number.isFinite(value) ? [] : [`${name} is not defined ${counts}`],
  );
}

function againstFirst(
  { candidate, auc, againstBaseRate, replaces, thresholds }: GateInput,
  weak: boolean,
): readonly string[] {
  const { minAuc } = thresholds;
  const reasons: string[] = [];
  if (weak && replaces !== undefined)
    reasons.push(`${candidate.positives} positives are weak evidence for replacing version ${replaces}`);
  if (weak && auc.high < minAuc) reasons.push(`AUC is shown below ${minAuc}: ${interval(auc)}`);
  if (!weak && candidate.auc < minAuc) reasons.push(`AUC ${figure(candidate.auc)} is below ${minAuc}`);
  if (againstBaseRate.low > 0)
    reasons.push(`log-loss is shown worse than the constant base rate's: difference ${interval(againstBaseRate)}`);
  return reasons;
}

function againstReplacing(
  { candidate, thresholds }: GateInput,
  baseline: NonNullable<GateInput['baseline']>,
  weak: boolean,
): readonly string[] {
  const { aucDifference: difference, version } = baseline;
  if (weak && !(difference.low > 0)) {
    return [
      `${candidate.positives} positives are weak evidence, and the AUC is not shown better than version ${version}'s: difference ${interval(difference)}`,
    ];
  }
  if (difference.low >= -thresholds.aucMargin) return [];
  return [
    `AUC is not shown within ${thresholds.aucMargin} of version ${version}'s: difference ${interval(difference)}`,
  ];
}

function againstCalibration({ candidate, baseline, thresholds }: GateInput): readonly string[] {
  if (!calibrationShownWorse(candidate, thresholds.calibrationError)) return [];
  if (baseline && calibrationError(candidate) <= calibrationError(baseline.metrics)) return [];
  return [
    `mean prediction is ${figure(candidate.calibration)} of mean label, more than ${thresholds.calibrationError} from 1`,
  ];
}

function againstLeaks({ candidate, loneAucs = new Map(), thresholds: { loneAuc } }: GateInput): readonly string[] {
  if (candidate.auc <= loneAuc) return [];
  return [...loneAucs]
    .filter(([, auc]) => auc > loneAuc)
    .map(
      ([column, auc]) =>
        `column "${column}" alone ranks with AUC ${figure(auc)}, as what is known only after the label does: set features: {${column}: ignore} in the task, or, where every request will have it, raise thresholds: {loneAuc: ${loneAuc}}`,
    );
}

/** Over- and underprediction by the same factor are the same error. */
function calibrationError(metrics: RowMetrics): number {
  return Math.abs(Math.log(metrics.calibration));
}

function interval(estimate: Estimate): string {
  return `${figure(estimate.value)} [${figure(estimate.low)}, ${figure(estimate.high)}]`;
}

function figure(value: number): string {
  return value.toFixed(4);
}
