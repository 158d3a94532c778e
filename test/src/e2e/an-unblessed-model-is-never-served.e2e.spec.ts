import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeClickLog } from './click-log.ts';
import { jsonOf, runCommand } from '@adstocrat/campaigns';
import { temporaryFolder } from './temporary-folder.ts';

interface ModelRow {
  readonly version: number;
  readonly state: string;
  readonly blessed: boolean;
  readonly labels: readonly string[];
}

describe('a worse model', () => {
  const folder = temporaryFolder('unblessed');
  const home = join(folder, 'home');
  const taskFile = join(folder, 'task.yaml');
  const run = (data: string): ReturnType<typeof runCommand> =>
    runCommand(['run', '--home', home, '--free-ports', '--data', data, '--task', taskFile, '--once', '--json']);

  it('is refused with exit code 3, and the blessed version goes on serving', async () => {
    writeFileSync(
      taskFile,
      [
        'name: shop\ndata: {examples: ["*.csv"]}\nlabel: bought\nid: row\nrollout: {canary: [20%, 50%], step: 1s}',
        // 2,400 held-out rows tell two good models apart to .01 of AUC, as often as not below the usual limit; the broken join loses .3.
        'thresholds: {aucMargin: 0.03}\n',
      ].join('\n'),
    );
    for (const name of ['good', 'bad']) mkdirSync(join(folder, name));
    writeClickLog(join(folder, 'good', 'log.csv'), { rows: 12_000, seed: 1 });
    // What a contractor's broken join looks like: the columns of one day, the clicks of another.
    writeClickLog(join(folder, 'bad', 'log.csv'), { rows: 12_000, seed: 2, shuffled: true });

    const first = jsonOf<{ readonly version: number; readonly testAuc: number }>(await run(join(folder, 'good')));
    expect(first.version).toBe(1);
    // With colour known alone: 0.25 · 0.4 of 0.1375 clicks are red's, so AUC = 0.5 + (0.727 − 0.174) / 2 = 0.777; price adds to it.
    expect(first.testAuc).toBeGreaterThan(0.75);

    const second = await run(join(folder, 'bad'));
    expect(second.code, second.stderr).toBe(3);
    expect(second.stderr).toMatch(/version 2 was not put into service/);

    const rows = jsonOf<readonly ModelRow[]>(await runCommand(['models', '--home', home, '--free-ports', '--json']));
    expect(rows).toEqual([
      expect.objectContaining({ version: 1, state: 'deployed', blessed: true, labels: ['stable'] }),
      expect.objectContaining({ version: 2, state: 'not_blessed', blessed: false, labels: [] }),
    ]);
  }, 1_200_000);

  it('does not stand in the way of the next good one, which is rolled out', async () => {
    mkdirSync(join(folder, 'again'));
    writeClickLog(join(folder, 'again', 'log.csv'), { rows: 12_000, seed: 5 });
    const third = jsonOf<{ readonly version: number; readonly blessed: boolean }>(await run(join(folder, 'again')));
    expect(third).toMatchObject({ version: 3, blessed: true });
    const rows = jsonOf<readonly ModelRow[]>(await runCommand(['models', '--home', home, '--free-ports', '--json']));
    expect(rows).toEqual([
      expect.objectContaining({ version: 1, state: 'superseded', labels: [] }),
      expect.objectContaining({ version: 2, state: 'not_blessed', labels: [] }),
      expect.objectContaining({ version: 3, state: 'deployed', labels: ['stable'] }),
    ]);
  }, 1_200_000);
});
