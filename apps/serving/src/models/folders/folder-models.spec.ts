import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { PersonalKeys } from '@adstocrat/service-kit';
import { LoadingThread } from '../loading/loading-thread.ts';
import { ModelTable } from '../model-table.ts';
import { FolderModels } from './folder-models.ts';
import { FoldersUnderTest, times } from './folders-under-test.ts';
import { ModelPlaces } from './model-places.ts';

const subject = new FoldersUnderTest();
afterAll(() => subject.close());
subject.put('ads', 1, times(2));

function foldersOf(models: ModelTable, thread: LoadingThread, opened: Promise<void> = Promise.resolve()): FolderModels {
  const openStore = async (): Promise<LocalArtifactStore> => {
    await opened;
    return new LocalArtifactStore();
  };
  return new FolderModels({
    places: new ModelPlaces({
      roots: [pathToFileURL(subject.models).href],
      policy: { kind: 'latest', count: 1 },
      openStore,
    }),
    models,
    workDir: join(subject.folder, 'work'),
    thread,
    neighbours: () => [],
    personalKeys: PersonalKeys.from({}),
    pollMs: 5,
    logger: pino({ level: 'silent' }),
  });
}

it('asks once for the removal of what hangs, however often it is loaded and unloaded meanwhile', async () => {
  const [gate, asked] = [join(subject.folder, 'gate'), join(subject.folder, 'asked')];
  // It is at a version until there is a file, and notes what it is asked.
  const hangs = `
    import { appendFileSync, existsSync } from 'node:fs';
    import { parentPort } from 'node:worker_threads';
    const answer = (job) => job.do === 'keep' || existsSync(${JSON.stringify(gate)})
      ? parentPort.postMessage({ kept: true })
      : setTimeout(answer, 5, job);
    parentPort.on('message', (job) => {
      appendFileSync(${JSON.stringify(asked)}, job.do + '\\n');
      answer(job);
    });`;
  const thread = new LoadingThread({ main: new URL(`data:text/javascript,${encodeURIComponent(hangs)}`) });
  const folders = foldersOf(new ModelTable(), thread);
  void folders.settle();
  await expect.poll(() => thread.isBringing('ads')).toBe(true);
  for (let at = 0; at < 5; at += 1) {
    expect(await folders.withdraw('ads')).toBe(true);
    const given = folders.restore('ads');
    await setImmediate();
    expect(await folders.withdraw('ads')).toBe(true);
    expect(await given).toBe(false);
  }
  subject.write('gate', '', subject.folder);
  await thread.keepOnly(join(subject.folder, 'work'), 'other', []);
  // Of its first look, what hangs and its removal, and this test's.
  expect(readFileSync(asked, 'utf8').trim().split('\n')).toEqual(['keep', 'bring', 'keep', 'keep']);
});

it('keeps out what was unloaded before its load had found it, and a load after that has it', async () => {
  const models = new ModelTable();
  const bucket = Promise.withResolvers<void>();
  const folders = foldersOf(models, new LoadingThread(), bucket.promise);
  const given = folders.restore('ads');
  expect(await folders.withdraw('ads')).toBe(false);
  bucket.resolve();
  expect(await given).toBe(false);
  await folders.settle();
  expect(models.get('ads')?.routing).toBeUndefined();
  expect(existsSync(join(subject.folder, 'work/models/ads'))).toBe(false);
  expect(await folders.restore('ads')).toBe(true);
});

it('puts into service what is loaded again while the load that was given up still looks for it', async () => {
  const bucket = Promise.withResolvers<void>();
  const folders = foldersOf(new ModelTable(), new LoadingThread(), bucket.promise);
  const loads = [folders.restore('ads')];
  expect(await folders.withdraw('ads')).toBe(false);
  loads.push(folders.restore('ads'));
  bucket.resolve();
  expect(await loads[1]).toBe(true);
});
