import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateWorld } from '@adstocrat/adworld';
import { type CommandResult, jsonOf, type Kill, killServices, startCommand } from '@adstocrat/campaigns';
import { temporaryFolder } from './temporary-folder.ts';

interface Answer {
  readonly rows: number;
  readonly version: number;
  readonly testAuc: number;
  readonly testLogLoss: number;
  readonly score: number;
}

/** The service to kill when a line of progress shows that it, or what comes before it, is at work. */
const kills: readonly Kill[] = [
  { service: 'ingestion', when: /^ {2}(scan|images|split|statistics|download)/ },
  { service: 'training', when: /^ {2}(load|train|images|fit)/ },
  { service: 'evaluation', when: /^model version 1 trained/ },
  { service: 'serving', when: /^version 1 blessed/ },
  { service: 'feedback', when: /^span 1:/ },
];

/** One for both homes: another key gives people other names, and so another model. */
const personalKey = '7'.repeat(64);

describe('the loop with every service killed once', () => {
  const folder = temporaryFolder('kills');
  const data = join(folder, 'world');
  const killer = killServices(kills);

  beforeAll(async () => {
    await generateWorld({ out: data, rows: 20_000, creatives: 120 });
  });

  async function run(home: string, withKills: boolean): Promise<CommandResult> {
    const command = startCommand(
      [
        ...['run', '--home', join(folder, home), '--free-ports', '--data', data, '--once', '--json'],
        ...['--task', join(data, 'task.yaml')],
      ],
      {
        environment: { PERSONAL_KEYS: personalKey },
        onLine: (line) => {
          if (withKills) killer.onLine(line, command.process.pid ?? 0);
        },
      },
    );
    return command.ended;
  }

  /** Of every servable in a home's store: one, since what killed attempts left was never recorded, or is removed. */
  function digestsOf(home: string): readonly string[] {
    const manifests = globSync(join(folder, home, 'artifacts', 'models', '*', '*', 'servable.json'));
    const digests = manifests.map((path) => (JSON.parse(readFileSync(path, 'utf8')) as { digest: string }).digest);
    return [...new Set(digests)];
  }

  it('ends with the same model, to the last bit', async () => {
    const calm = jsonOf<Answer>(await run('calm', false));
    const rough = await run('rough', true);
    expect(killer.killed.toSorted(), rough.stderr).toEqual([
      'evaluation',
      'feedback',
      'ingestion',
      'serving',
      'training',
    ]);
    const { rows, version, testAuc, testLogLoss, score } = jsonOf<Answer>(rough);
    expect({ rows, version, testAuc, testLogLoss, score }).toEqual({
      rows: calm.rows,
      version: calm.version,
      testAuc: calm.testAuc,
      testLogLoss: calm.testLogLoss,
      score: calm.score,
    });
    expect(rough.stderr.match(/is started again/g)).toHaveLength(5);
    expect(digestsOf('rough')).toEqual(digestsOf('calm'));
  }, 1_200_000);
});
