import type { CalibrationBin, RowMetrics } from '@adstocrat/metrics';
import type { EvaluationReport, SliceReport } from './evaluation-report.ts';

/** `report.html`: the evaluation on one page that needs nothing else. */
export function reportPage(report: EvaluationReport): string {
  const { baseline } = report;
  const title = `${report.model}, version ${report.modelVersion}`;
  const verdict = report.blessed ? 'blessed' : 'not blessed';
  const reasons = [...report.reasons, ...report.notes].map((reason) => `<li>${escape(reason)}</li>`).join('');
  const difference = baseline
    ? `<p>AUC difference to version ${baseline.version}: ${figure(baseline.aucDifference.value)} [${figure(baseline.aucDifference.low)}, ${figure(baseline.aucDifference.high)}],
       log-loss difference ${figure(baseline.logLossDifference.value)} [${figure(baseline.logLossDifference.low)}, ${figure(baseline.logLossDifference.high)}] (95 %)</p>`
    : report.notCompared === undefined
      ? '<p>No version was in service.</p>'
      : `<p>Not compared with version ${report.notCompared}, which is in service.</p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}
td,th{padding:.2rem .7rem;text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child{text-align:left}.weak{color:#888}</style></head><body>
<h1>${escape(title)}: ${verdict}</h1>
<p>Held-out rows of span ${report.evaluatedOn.span} (${report.evaluatedOn.kind}); trained on span ${report.trainedOn.join(', ')}.</p>
<ul>${reasons}</ul>
<table>${header}
${row(`version ${report.modelVersion}`, report.candidate)}
${baseline ? row(`version ${baseline.version}, in service`, baseline.metrics) : ''}</table>
${difference}
<h2>Calibration</h2>
${calibrationPlot(report.calibrationCurve)}
<h2>Slices</h2>
<table>${header}
${report.slices.map(sliceRow).join('\n')}</table>
<p class="weak">Grey: too few rows or positives to read anything into it.</p>
</body></html>
`;
}

const header = '<tr><th></th><th>rows</th><th>positives</th><th>AUC</th><th>log-loss</th><th>calibration</th></tr>';

function row(name: string, metrics: RowMetrics, kind = ''): string {
  const cells = [
    metrics.rows,
    metrics.positives,
    figure(metrics.auc),
    figure(metrics.logLoss),
    figure(metrics.calibration),
  ];
  return `<tr class="${kind}"><td>${escape(name)}</td>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

function sliceRow(slice: SliceReport): string {
  return row(`${slice.by}: ${slice.value}`, slice.candidate, slice.weak ? 'weak' : '');
}

/** Mean label over mean prediction, one dot a bin, both axes alike. */
function calibrationPlot(bins: readonly CalibrationBin[]): string {
  const most = Math.max(...bins.flatMap((bin) => [bin.meanPrediction, bin.meanLabel]), 1e-9);
  const x = (value: number): string => (40 + (240 * value) / most).toFixed(1);
  const y = (value: number): string => (260 - (240 * value) / most).toFixed(1);
  const dots = bins
    .map((bin) => `<circle cx="${x(bin.meanPrediction)}" cy="${y(bin.meanLabel)}" r="4" fill="#06c"/>`)
    .join('');
  return `<svg viewBox="0 0 300 300" width="300" role="img" aria-label="mean label over mean prediction">
<path d="M40 20V260H280" fill="none" stroke="#888"/><path d="M40 260L280 20" stroke="#bbb" stroke-dasharray="4"/>${dots}
<text x="160" y="285" text-anchor="middle" font-size="12">mean prediction, up to ${figure(most)}</text>
<text x="15" y="140" text-anchor="middle" font-size="12" transform="rotate(-90 15 140)">mean label</text></svg>`;
}

function figure(value: number | null): string {
  return value === null || Number.isNaN(value) ? 'not defined' : value.toFixed(4);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
