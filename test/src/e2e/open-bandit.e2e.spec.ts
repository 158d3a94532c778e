import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { jsonOf, runCommand } from '@adstocrat/campaigns';
import { temporaryFolder } from './temporary-folder.ts';

const data = resolve(import.meta.dirname, '../../data/openbandit');

/** A real click log with its items joined, 0.5 % clicks and no images (see SOURCE.txt beside it). */
const task = `name: open-bandit
data:
  examples: [log.csv.gz]
  tables: [{path: item_context.csv, key: item_id}]
label: click
eventTime: timestamp
item: item_id
split: {by: hash, test: 30%, validation: 20%}
knownLater: {position: 1}
training: {negatives: 20%}
`;

describe('your own data: the Open Bandit log', () => {
  const folder = temporaryFolder('open-bandit');
  const home = join(folder, 'home');
  const taskFile = join(folder, 'task.yaml');

  it('becomes a model that is blessed on weak evidence, and served', async () => {
    writeFileSync(taskFile, task);
    const answer = jsonOf<{
      readonly rows: number;
      readonly rejectedRows: number;
      readonly version: number;
      readonly blessed: boolean;
      readonly reasons: readonly string[];
      readonly score: number;
      readonly testAuc: number;
    }>(
      await runCommand(['run', '--home', home, '--free-ports', '--data', data, '--task', taskFile, '--once', '--json']),
    );
    // `zcat log.csv.gz | wc -l` is 10,001 with the header.
    expect(answer).toMatchObject({ rows: 10_000, rejectedRows: 0, version: 1, blessed: true });
    expect(answer.reasons.join()).toMatch(/weak evidence/);
    expect(answer.score).toBeGreaterThan(0);
    // The log's click rate is 0.5 %: a calibrated score of a row lies near it.
    expect(answer.score).toBeLessThan(0.05);
  }, 1_200_000);

  it('scores a file of rows through the serving code, without what is known only once they were shown', async () => {
    const lines = gunzipSync(readFileSync(join(data, 'log.csv.gz')))
      .toString()
      .trimEnd()
      .split('\n')
      .slice(0, 301)
      .map((line) => line.split(','));
    const position = lines[0]!.indexOf('position');
    expect(position).toBeGreaterThanOrEqual(0);
    const [rowsIn, scoresOut] = [join(folder, 'rows.csv'), join(folder, 'scores.csv')];
    writeFileSync(rowsIn, `${lines.map((cells) => cells.toSpliced(position, 1).join(',')).join('\n')}\n`);
    const result = await runCommand([
      'predict',
      '--home',
      home,
      '--free-ports',
      '--model',
      'open-bandit',
      '--in',
      rowsIn,
      '--out',
      scoresOut,
    ]);
    expect(result.code, result.stderr).toBe(0);
    const written = readFileSync(scoresOut, 'utf8').trimEnd().split('\n');
    expect(written[0]).toBe('id,score');
    const scores = written.slice(1).map((line) => Number(line.split(',')[1]));
    expect(scores).toHaveLength(300);
    for (const score of scores) expect(score > 0 && score < 1).toBe(true);
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    // Near the 0.5 % of the whole log, and not the 2.5 % of the rows that were trained on.
    expect(mean).toBeGreaterThan(0.001);
    expect(mean).toBeLessThan(0.02);
  }, 1_200_000);
});
