import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import { writeTestServable } from '@adstocrat/inference/testing';
import { PersonalKeys } from '@adstocrat/service-kit';
import { LoadingThread } from './loading/loading-thread.ts';
import { LoadedDeployments } from './loaded-deployments.ts';
import { ModelTable } from './model-table.ts';

const work = mkdtempSync(join(tmpdir(), 'loaded-deployments-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

it('puts a deployment into service that was kept out, and loaded by request before it was known', async () => {
  const folder = join(work, 'artifacts');
  const { digest } = await writeTestServable(folder, { version: 1, bias: 0 });
  const models = new ModelTable();
  const deployments = new LoadedDeployments({
    models,
    thread: new LoadingThread(),
    workDir: join(work, 'work'),
    personalKeys: PersonalKeys.from({}),
    neighbours: () => [],
    logger: pino({ level: 'silent' }),
  });
  const versions = [{ version: 1, uri: pathToFileURL(folder).href, digest }];
  const deployment = { revision: 1, versions, labels: { stable: 1 }, split: [{ version: 1, basisPoints: 10_000 }] };
  deployments.keepOut(['ads', 'bids']);
  expect(await deployments.restore('ads')).toBe(false);
  for (const model of ['ads', 'bids']) await deployments.apply({ ...deployment, model });
  expect(models.get('ads')?.routing).toEqual({ labels: { stable: 1 }, split: deployment.split });
  expect(models.get('bids')?.routing).toBeUndefined();
});
