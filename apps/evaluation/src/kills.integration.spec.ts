import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { LocalArtifactStore } from '@adstocrat/artifact-store-local';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { acceptCandidate } from './candidates/accept-candidate.ts';
import { startEvaluation } from './testing/evaluation-process.ts';
import { evaluatorThatSays } from './testing/evaluator.ts';
import { openRegistry, type Registry, trained } from './testing/registry.ts';

const fixture = fileURLToPath(new URL('testing/evaluation.fixture.ts', import.meta.url));

describe('an evaluation process that is killed', () => {
  let registry: Registry;
  const folder = mkdtempSync(join(tmpdir(), 'adstocrat-evaluation-'));
  const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
  const store = new LocalArtifactStore();
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    mkdirSync(fileURLToPath(artifactsUrl));
    registry = await openRegistry();
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Starts a process of its own and kills it where it stands after the first of these things that it does. Returns which. */
  async function killedAfter(...words: readonly string[]): Promise<string> {
    const child = spawn(
      process.execPath,
      ['--conditions=@adstocrat/source', fixture, registry.databaseUrl, artifactsUrl, words.join()],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    children.push(child);
    const exited = once(child, 'exit');
    let said = '';
    for await (const line of createInterface({ input: child.stdout })) {
      said = line;
      if (words.includes(line)) child.kill('SIGKILL');
    }
    await exited;
    return said;
  }

  const accept = (model: string, version: number): Promise<void> =>
    acceptCandidate(
      { jobs: registry.jobs, metadata: registry.metadata, nowMs: () => 1_000 },
      { event: trained(model, version) },
    );

  it('in the middle of an evaluation leaves it to another, within the lease', async () => {
    await registry.putTask('half-way', {});
    await accept('half-way', 1);
    expect(await killedAfter('evaluating')).toBe('evaluating');
    const jobs = registry.anotherJobs();
    const evaluator = evaluatorThatSays(store, artifactsUrl, () => Promise.resolve({ blessed: true, reasons: [] }));
    await startEvaluation({ jobs, metadata: registry.metadata, store, artifactsUrl, evaluator });
    await registry.waitForStates('half-way', { 1: 'deployed' });
    await jobs.close();
  });

  it('after every step of a rollout does not change what it comes to: each step once, said once, in order', async () => {
    await registry.putTask('killed', { rollout: { shadow: '0s', canary: ['50%'], step: '1s' } });
    await registry.putVersion('killed', 2, { state: 'waiting' });
    await accept('killed', 1);
    for (const step of ['first', 'shadow', 'canary', 'promote'])
      expect(await killedAfter('first', 'shadow', 'canary', 'promote', 'roll-back')).toBe(step);
    expect(await registry.states('killed')).toEqual({ 1: 'superseded', 2: 'deployed' });
    expect(await registry.publishedRevisions('killed', 4)).toEqual([1, 2, 3, 4]);
  }, 600_000);
});
