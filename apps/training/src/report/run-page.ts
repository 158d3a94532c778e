import { costPerRow } from '@adstocrat/models';
import { fittedAgain } from './served-words.ts';
import type { SearchResult } from '../search/search-model.ts';
import { decimals, escapeHtml, page, table } from './html.ts';
import { bars, calibrationPlot, linePlot } from './plots.ts';
import type { RunReport } from './run-report.ts';

/** Bars that are shown at most. */
const mostBars = 25;

/** `report.html`: a run on one page that needs nothing else. */
export function runPage(of: {
  readonly title: string;
  readonly runId: string;
  readonly found: SearchResult;
  readonly report: RunReport;
  readonly warnings: readonly string[];
}): string {
  const { title, runId, found, report, warnings } = of;
  const { trials, look, members, calibration, calibrationsTried } = found;
  const curves = (figure: 'loss' | 'auc' | 'trainLoss'): string =>
    linePlot(
      trials
        .filter(({ curve }) => curve.length > 0)
        .map(({ name, curve }) => ({ name, points: curve.map((look) => ({ x: look.epoch, y: look[figure] ?? NaN })) })),
      `${figure} over epochs`,
    );
  return page(
    title,
    `<p>Run ${escapeHtml(runId)}. Everything here is measured on the validation rows, by which the model was chosen: evaluation's report has rows that nothing saw.</p>
${warnings.map((warning) => `<p><strong>Warning:</strong> ${escapeHtml(warning)}.</p>`).join('\n')}
<h2>Served</h2>
<p>${escapeHtml(members.map(({ name }) => `“${name}”`).join(' and '))}: log-loss ${decimals(look.loss, 5)}, AUC ${decimals(look.auc)}, ${costPerRow(found.served.spec).toLocaleString('en')} multiply-adds a row.${fittedAgain(
      found,
    )
      .map((sentence) => ` ${escapeHtml(sentence)}`)
      .join('')}</p>
${table(
  ['tried', 'epochs', 'best after', 'log-loss, calibrated', 'AUC', 'served'],
  trials.map((trial) => [
    trial.name,
    decimals(trial.epochs, 1),
    decimals(trial.bestEpoch, 1),
    decimals(trial.validationLoss, 5),
    decimals(trial.validationAuc),
    trial.chosen ? 'yes' : '',
  ]),
)}
<h2>Curves</h2>
<h3>Validation log-loss, calibrated</h3>${curves('loss')}
<h3>Validation AUC</h3>${curves('auc')}
<h3>Training log-loss</h3>${curves('trainLoss')}
<h2>Calibration</h2>
<p>${escapeHtml(calibration.method)}. Dots: rows by score, as many in each; mean label over mean prediction.</p>
${calibrationPlot(
  report.calibrationCurve.map(({ meanPrediction, meanLabel }) => ({ x: meanPrediction, y: meanLabel })),
  'mean label over mean prediction',
)}
${table(
  ['calibration', 'log-loss on rows it was not fitted on'],
  calibrationsTried.map(({ method, loss }) => [method, decimals(loss, 5)]),
)}
<h2>Importance</h2>
<p>How much the log-loss rises where a column's values are dealt out anew among the rows.</p>
${bars(
  report.importance.slice(0, mostBars).map(({ column, lossRise }) => ({ name: column, value: lossRise })),
  'rise of the log-loss by column',
)}
${pixelsOf(report)}
<h2>Slices</h2>
${table(
  ['slice', 'rows', 'positives', 'AUC', 'log-loss', 'mean prediction ÷ mean label'],
  report.slices.map(({ column, value, rows, positives, auc, logLoss, calibration: ratio }) => [
    `${column}: ${value}`,
    rows,
    positives,
    decimals(auc),
    decimals(logLoss),
    decimals(ratio, 3),
  ]),
)}`,
  );
}

function pixelsOf({ pixels }: RunReport): string {
  if (pixels.length === 0) return '';
  return `<h2>What pixels gave</h2>
${table(
  ['rows', 'count', 'AUC', 'AUC without images', 'log-loss', 'log-loss without images'],
  pixels.map(({ rows, count, withImages, without }) => [
    rows,
    count,
    decimals(withImages.auc),
    decimals(without.auc),
    decimals(withImages.logLoss, 5),
    decimals(without.logLoss, 5),
  ]),
)}`;
}
