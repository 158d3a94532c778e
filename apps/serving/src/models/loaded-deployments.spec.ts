import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

const folder = join(work, 'artifacts');
const { digest } = await writeTestServable(folder, { version: 1, bias: 0 });
const versions = [{ version: 1, uri: pathToFileURL(folder).href, digest }];
const deployment = { revision: 1, versions, labels: { stable: 1 }, split: [{ version: 1, basisPoints: 10_000 }] };

function deploymentsOf(models: ModelTable, thread: LoadingThread): LoadedDeployments {
  return new LoadedDeployments({
    models,
    thread,
    workDir: join(work, 'work'),
    personalKeys: PersonalKeys.from({}),
    neighbours: () => [],
    logger: pino({ level: 'silent' }),
  });
}

it('puts a deployment into service that was kept out, and loaded by request before it was known', async () => {
  const models = new ModelTable();
  const deployments = deploymentsOf(models, new LoadingThread());
  deployments.keepOut(['ads', 'bids']);
  expect(await deployments.restore('ads')).toBe(false);
  for (const model of ['ads', 'bids']) await deployments.apply({ ...deployment, model });
  expect(models.get('ads')?.routing).toEqual({ labels: { stable: 1 }, split: deployment.split });
  expect(models.get('bids')?.routing).toBeUndefined();
});

it.each([
  { what: "that waits for another model's load", isFirst: false },
  { what: 'whose own load has begun', isFirst: true },
])(
  'withdraws a model at once $what, and tries it again when it is loaded',
  async ({ isFirst }) => {
    const models = new ModelTable();
    // Its first answer takes until there is a file; what it does about versions is nobody's.
    const gate = join(work, `gate-${isFirst}`);
    const hangs = `
    import { existsSync } from 'node:fs';
    import { parentPort } from 'node:worker_threads';
    const wait = () => existsSync(${JSON.stringify(gate)})
      ? parentPort.postMessage({ failed: { name: 'Error', message: 'no such bucket', causes: [] } })
      : setTimeout(wait, 5);
    parentPort.on('message', wait);`;
    const thread = new LoadingThread({ main: new URL(`data:text/javascript,${encodeURIComponent(hangs)}`) });
    const deployments = deploymentsOf(models, thread);
    const names = isFirst ? ['ads'] : ['bids', 'ads'];
    const applied = names.map((model) => deployments.apply({ ...deployment, model }));
    expect(await deployments.withdraw('ads')).toBe(true);
    await applied.at(-1);
    expect(models.get('ads')?.states()).toEqual([{ version: 1, state: 'end', error: '' }]);
    expect(models.get('bids')?.stateOf(1)).toBe(isFirst ? undefined : 'loading');
    writeFileSync(gate, '');
    await Promise.all(applied);
    expect(await deployments.restore('ads')).toBe(false);
    expect(models.get('ads')?.states()).toEqual([{ version: 1, state: 'end', error: 'no such bucket' }]);
  },
  20_000,
);
