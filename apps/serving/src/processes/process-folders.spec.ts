import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handDown, neighbourFolders, processFolder } from './process-folders.ts';

describe('process folders', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'serving-folders-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('are neighbours of each other, and of a server that is alone again', () => {
    for (const number of [1, 2, 3]) mkdirSync(processFolder(root, number), { recursive: true });
    mkdirSync(join(root, 'processes', 'lost+found'));
    const [first, second, third] = [1, 2, 3].map((number) => processFolder(root, number));
    expect(neighbourFolders(second ?? '', true).toSorted()).toEqual([first, third]);
    expect(neighbourFolders(root, false).toSorted()).toEqual([first, second, third]);
    expect(neighbourFolders(join(root, 'elsewhere'), false)).toEqual([]);
  });

  it('hands down what a server alone had, once', () => {
    mkdirSync(join(root, 'prediction-log'));
    writeFileSync(join(root, 'deployments.json'), 'first');
    handDown(root);
    const first = processFolder(root, 1);
    expect(existsSync(join(first, 'prediction-log'))).toBe(true);
    expect(existsSync(join(root, 'deployments.json'))).toBe(false);
    writeFileSync(join(root, 'deployments.json'), 'second');
    handDown(root);
    expect(readFileSync(join(first, 'deployments.json'), 'utf8')).toBe('first');
  });
});
