import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { Checkpoints, type CheckpointsOptions } from './checkpoints.ts';
import type { Snapshot } from './snapshot.ts';
import { sweepCheckpoints } from './sweep-checkpoints.ts';

describe('Checkpoints', () => {
  let folder: string;
  let warnings: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'adstocrat-checkpoints-'));
    warnings = [];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** Of the run `r`, on a clock that stands still: one is due whenever it is offered. */
  function attempt(number: number, options: Partial<CheckpointsOptions> = {}): Checkpoints {
    return new Checkpoints({
      store: new LocalArtifactStore(),
      uri: pathToFileURL(join(folder, 'checkpoints/r')).href,
      attempt: number,
      everyMs: 0,
      nowMs: () => 0,
      onKept: () => Promise.resolve(),
      onWarning: (sentence) => warnings.push(sentence),
      ...options,
    });
  }

  /** Two parts: one that changes with every step, one that stays. */
  function at(step: number, about = 'these inputs'): () => Snapshot {
    const part = (value: number) => () => ({ facts: { value }, arrays: new Map([['x', Float32Array.of(value, 0.1)]]) });
    return () => ({
      about,
      facts: { step },
      parts: new Map([
        ['trial', { revision: String(step), make: part(step) }],
        ['linear', { revision: 'done', make: part(-1) }],
      ]),
    });
  }

  async function keepSteps(checkpoints: Checkpoints, ...steps: readonly number[]): Promise<void> {
    for (const step of steps) await checkpoints.keep(at(step), false);
  }

  const files = (): readonly string[] =>
    readdirSync(join(folder, 'checkpoints/r'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort();
  const fileOf = (end: string): string => files().find((path) => path.endsWith(end)) ?? '';

  it('give another attempt the newest snapshot, to the last bit', async () => {
    await keepSteps(attempt(4), 1, 2, 3);
    expect(await attempt(7).recall('these inputs')).toEqual({
      facts: { step: 3 },
      parts: new Map([
        ['trial', { facts: { value: 3 }, arrays: new Map([['x', Float32Array.of(3, 0.1)]]) }],
        ['linear', { facts: { value: -1 }, arrays: new Map([['x', Float32Array.of(-1, 0.1)]]) }],
      ]),
    });
    expect(warnings).toEqual([]);
  });

  it('are two at most, and a part that stays is there once', async () => {
    await keepSteps(attempt(4), 1, 2, 3, 4);
    const next = attempt(5);
    await next.recall('these inputs');
    await keepSteps(next, 5, 6, 7);
    const names = files().map((path) => path.slice(join(folder, 'checkpoints/r/').length));
    expect(names).toEqual(['4/1-linear.part', '5/6-trial.part', '5/6.json', '5/7-trial.part', '5/7.json']);
  });

  it.each<[string, string, (path: string) => void]>([
    [
      'a part cut short',
      '3-trial.part',
      (path) => {
        truncateSync(path, 20);
      },
    ],
    ['a part with another byte', '3-trial.part', flip],
    ['a part that is gone', '3-trial.part', rmSync],
    [
      'a manifest cut short',
      '3.json',
      (path) => {
        truncateSync(path, 20);
      },
    ],
    [
      'a manifest with another digit',
      '3.json',
      (path) => {
        writeFileSync(path, readFileSync(path, 'utf8').replace('"step":3', '"step":4'));
      },
    ],
  ])('fall back to the one before for %s, and say so', async (_what, end, damage) => {
    await keepSteps(attempt(4), 1, 2, 3);
    damage(fileOf(end));
    const next = attempt(5);
    expect((await next.recall('these inputs'))?.facts).toEqual({ step: 2 });
    expect(warnings).toEqual([expect.stringMatching(/checkpoint .*3\.json is damaged: the one before it is taken/)]);
    // What comes next has a name of its own, and can be recalled.
    await keepSteps(next, 3);
    expect((await attempt(6).recall('these inputs'))?.facts).toEqual({ step: 3 });
  });

  it('give nothing where none is whole, or none is of these inputs', async () => {
    expect(await attempt(1).recall('these inputs')).toBeUndefined();
    await keepSteps(attempt(2), 1, 2);
    expect(await attempt(3).recall('other inputs')).toBeUndefined();
    for (const path of files()) if (path.endsWith('trial.part')) flip(path);
    expect(await attempt(4).recall('these inputs')).toBeUndefined();
  });

  it('never end a run: a full disk is said, and the checkpoints that are there stay', async () => {
    await keepSteps(attempt(1), 1);
    const local = new LocalArtifactStore();
    const full = Object.assign(Object.create(local) as LocalArtifactStore, {
      create: () => Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })),
    });
    const next = attempt(2, { store: full });
    await next.recall('these inputs');
    await keepSteps(next, 2);
    expect(warnings).toEqual([
      expect.stringMatching(/no checkpoint can be written to .*: the disk is full: free space/),
    ]);
    expect((await attempt(3).recall('these inputs'))?.facts).toEqual({ step: 1 });
  });

  it('leave nothing of one that a full disk cut short, however often it is tried', async () => {
    await keepSteps(attempt(1), 1);
    const before = files();
    const local = new LocalArtifactStore();
    // The first part has room, what comes after it has none.
    const nearlyFull = Object.assign(Object.create(local) as LocalArtifactStore, {
      create: (...[uri, bytes]: Parameters<LocalArtifactStore['create']>) =>
        uri.endsWith('-trial.part')
          ? local.create(uri, bytes)
          : Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })),
    });
    const next = attempt(2, { store: nearlyFull });
    await next.recall('these inputs');
    await keepSteps(next, 2, 3, 4);
    expect(warnings).toHaveLength(3);
    expect(files()).toEqual(before);
  });

  it('are removed with their run’s end, whatever ended it', async () => {
    await keepSteps(attempt(1), 1);
    const sweep = (...live: readonly string[]): Promise<readonly string[]> =>
      sweepCheckpoints(new LocalArtifactStore(), pathToFileURL(folder).href, () => Promise.resolve(new Set(live)));
    expect(await sweep('r')).toEqual([]);
    expect(files()).not.toEqual([]);
    expect(await sweep('another')).toEqual(['r']);
    expect(files()).toEqual([]);
    expect(await sweep()).toEqual([]);
  });
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}
