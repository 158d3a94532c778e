import type { SpanRecord, VersionRecord } from '@adstocrat/metadata';
import { parseTask } from '@adstocrat/tasks';
import { describe, expect, it } from 'vitest';
import { buildReport, type Findings } from './build-report.ts';
import { reportPage } from './report-page.ts';
import { compareScores } from './compare-scores.ts';

const version = (number: number): VersionRecord => ({
  model: 'ads',
  version: number,
  uri: `file:///models/ads/${number}`,
  digest: `digest ${number}`,
  runId: `run ${number}`,
  spans: [1],
  state: 'evaluating',
  blessed: false,
  reasons: [],
  updatedAtMs: 0,
});
const span: SpanRecord = {
  task: 'ads',
  span: 1,
  kind: 'batch',
  uri: 'file:///spans/ads/1',
  digest: 'span',
  inputDigest: 'input',
  trainRows: 1,
  validationRows: 1,
  testRows: 1000,
  rejectedRows: 0,
  images: 0,
  rejectedImages: 0,
  anomalies: [],
  notes: [],
  ready: true,
  createdAtMs: 0,
};

/** A candidate that ranks well, beside a version that ranks perfectly since it reads what is known too late. */
async function findings(ignored: readonly string[]): Promise<Findings> {
  const labels = Float64Array.from({ length: 1000 }, (_, row) => (row % 4 === 0 ? 1 : 0));
  const candidate = labels.map((label, row) => (row % 7 === 0 ? 0.25 : label === 1 ? 0.7 : 0.1));
  const baseline = labels.map((label) => (label === 1 ? 0.99 : 0.01));
  const scored = { labels, candidate, slices: [], ...(ignored.length === 0 && { baseline }) };
  return {
    record: version(2),
    baseline: version(1),
    ignored,
    task: parseTask(
      'name: ads\nlabel: click\ndata: {examples: ["*.csv"]}\nfeatures: {clicked_at: ignore}\n',
      'task.yaml',
    ),
    span,
    comparison: await compareScores(scored, new AbortController().signal),
    validation: { warmUpRows: 1, largestDifference: 0, rowMs: 1 },
    evaluatedAtMs: 0,
  };
}

describe('buildReport', () => {
  it('refuses what ranks worse than the version in service', async () => {
    const report = buildReport(await findings([]));
    expect(report.blessed).toBe(false);
    expect(report.reasons.join()).toMatch(/^AUC is not shown within 0.01 of version 1's/);
  });

  it('judges a model as a first one where the version in service reads what the task ignores now, and says so', async () => {
    const report = buildReport(await findings(['clicked_at']));
    expect(report.blessed).toBe(true);
    expect(report.baseline).toBeUndefined();
    expect(report.notCompared).toBe(1);
    expect(reportPage(report)).toContain('Not compared with version 1');
    expect(report.reasons).toEqual([
      'judged as a first model: version 1, in service, reads "clicked_at": the task says that no model is to',
    ]);
  });

  it('does not replace it on weak evidence all the same', async () => {
    const known = await findings(['clicked_at']);
    const few = { ...known, task: { ...known.task, thresholds: { minPositives: 1000 } } };
    const report = buildReport(few);
    expect(report.blessed).toBe(false);
    expect(report.reasons[0]).toBe('250 positives are weak evidence for replacing version 1');
  });
});
