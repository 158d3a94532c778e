import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type LiveImpression, LiveTraffic } from '@adstocrat/adworld';
import { atMost, type BenchReport } from '../bench-report.ts';
import { expectedDifference, expectedQuality } from '../quality/expected-quality.ts';
import { ourScores } from '../quality/our-scores.ts';

const hourMs = 3_600_000;
/** Of traffic that is learned from, of a click's window, and of traffic that is scored after. */
const [learnedH, windowH, scoredH] = [18, 1, 3] as const;

/**
 * What any treatment of clicks that are still to come could gain over waiting for each window's end, as feedback does: `waited` learns of rows whose
 * window is over, `mature` of all rows with the labels that they will have once theirs are, which nobody can know, and `cut` of all rows as they stand.
 * Models of the delay lie between. Clicks come as adworld has them, tastes turn `--drift-hours N` (default 6) before the end; `--seed N`.
 */
export async function delayedClicks(args: readonly string[]): Promise<BenchReport> {
  const { values } = parseArgs({
    args: [...args],
    options: { seed: { type: 'string' }, rows: { type: 'string' }, 'drift-hours': { type: 'string' } },
  });
  const seed = Number(values.seed ?? 1);
  const rowsPerHour = Number(values.rows ?? 3600);
  const turnedH = Number(values['drift-hours'] ?? 6);
  const startMs = new LiveTraffic({ seed }).startMs;
  const nowMs = startMs + learnedH * hourMs;
  const traffic = new LiveTraffic({ seed, rowsPerHour, drift: { atMs: nowMs - turnedH * hourMs, kind: 'taste' } });
  const learned = traffic.page(startMs, nowMs).impressions;
  const later = traffic.page(nowMs, nowMs + scoredH * hourMs).impressions;
  const isClicked = ({ clickDelayMs }: LiveImpression): boolean =>
    clickDelayMs !== null && clickDelayMs <= windowH * hourMs;
  const over = ({ timeMs }: LiveImpression): boolean => timeMs + windowH * hourMs <= nowMs;
  const policies = {
    waited: { rows: learned.filter(over), isClicked },
    mature: { rows: learned, isClicked },
    cut: {
      rows: learned,
      isClicked: (one: LiveImpression) => isClicked(one) && one.timeMs + (one.clickDelayMs ?? 0) <= nowMs,
    },
  };
  const probabilities = Float64Array.from(later, (one) => one.trueProbability);
  const scores = new Map<string, Float64Array>();
  const figures: Record<string, number> = { seed, rowsPerHour, turnedH };
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-delayed-'));
  try {
    for (const [name, { rows, isClicked: clicked }] of Object.entries(policies)) {
      const own = await scoresAfter(rows, clicked, later, join(folder, name), probabilities);
      const { logLoss, auc } = expectedQuality(own, probabilities);
      scores.set(name, own);
      Object.assign(figures, { [`${name}: log-loss`]: logLoss, [`${name}: AUC`]: auc });
      console.error(`${name}, ${rows.length} rows: expected log-loss ${logLoss.toFixed(5)}, AUC ${auc.toFixed(4)}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { mean, standardError } = expectedDifference(scores.get('waited')!, scores.get('mature')!, probabilities);
  Object.assign(figures, { left: mean, leftError: standardError });
  return {
    bench: 'delayed-clicks',
    figures,
    peers: {},
    bars: [atMost('log-loss left to gain', mean, 2 * standardError)],
  };
}

/** Trains on rows with these labels and scores those that come after. */
function scoresAfter(
  rows: readonly LiveImpression[],
  isClicked: (one: LiveImpression) => boolean,
  later: readonly LiveImpression[],
  folder: string,
  probabilities: Float64Array,
): Promise<Float64Array> {
  const [data, task, test] = ['data', 'task.yaml', 'test.csv'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(data, { recursive: true });
  const first = rows[0]!;
  const columns = [...Object.keys(first.columns), ...Object.keys(first.adColumns)].filter(
    (name) => name !== 'image_path',
  );
  const cells = (one: LiveImpression): string =>
    columns.map((name) => quoted(one.columns[name] ?? one.adColumns[name] ?? '')).join(',');
  writeFileSync(
    join(data, 'log.csv'),
    [`${columns.join(',')},clicked`, ...rows.map((one) => `${cells(one)},${isClicked(one) ? 1 : 0}`), ''].join('\n'),
  );
  writeFileSync(test, [columns.join(','), ...later.map(cells), ''].join('\n'));
  // As live spans are split: by people, so that the newest rows are learned from too.
  writeFileSync(
    task,
    'name: delayed\ndata: {examples: ["*.csv"]}\nlabel: clicked\nid: impression_id\neventTime: shown_at\nunit: user_id\nsplit: {by: hash, test: 10%, validation: 10%}\nthresholds: {calibrationError: 10}\n',
  );
  return ourScores({ name: 'delayed', data, task, test, peers: '', probabilities }, folder);
}

const quoted = (value: string | number | boolean): string => `"${String(value).replaceAll('"', '""')}"`;
