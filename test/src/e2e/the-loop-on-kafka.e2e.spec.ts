import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonOf, runCommand } from '@adstocrat/campaigns';
import { type RunningKafka, startKafka } from '@adstocrat/kafka';
import { writeClickLog } from './click-log.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('the loop on Kafka', () => {
  const folder = temporaryFolder('kafka');
  let kafka: RunningKafka;

  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka.stop());

  it('ends in a served model with two of every service, as with one of each on the PostgreSQL log', async () => {
    const data = join(folder, 'data');
    const task = join(folder, 'task.yaml');
    mkdirSync(data);
    writeFileSync(task, 'name: shop\ndata: {examples: ["*.csv"]}\nlabel: bought\nid: row\n');
    writeClickLog(join(data, 'log.csv'), { rows: 8000, seed: 4 });
    const run = async (home: string, instances: number, environment: Readonly<Record<string, string>>) =>
      jsonOf<{ readonly version: number; readonly testAuc: number; readonly score: number; readonly blessed: boolean }>(
        await runCommand(
          [
            ...[
              'run',
              '--home',
              join(folder, home),
              '--free-ports',
              '--data',
              data,
              '--task',
              task,
              '--once',
              '--json',
            ],
            ...['--instances', String(instances)],
          ],
          { environment },
        ),
      );
    const onKafka = await run('on-kafka', 2, { EVENT_BUS_URL: `kafka://${kafka.brokers.join(',')}` });
    const onPostgres = await run('on-postgres', 1, {});
    expect(onKafka).toMatchObject({ version: 1, blessed: true });
    expect(onKafka.testAuc).toBe(onPostgres.testAuc);
    expect(onKafka.score).toBe(onPostgres.score);
  }, 1_200_000);
});
