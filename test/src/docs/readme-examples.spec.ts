import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
// Inside the workspace, so that its packages are found.
const folder = mkdtempSync(join(root, 'test/.readme-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const projects = ['apps', 'libs', 'tools'].flatMap((group) =>
  readdirSync(join(root, group)).map((name) => `${group}/${name}`),
);
const isDomain = (project: string): boolean => {
  // The set-up runs before there are packages.
  if (!existsSync(join(root, project, 'package.json'))) return false;
  const manifest = JSON.parse(readFileSync(join(root, project, 'package.json'), 'utf8')) as {
    readonly nx?: { readonly tags?: readonly string[] };
  };
  return manifest.nx?.tags?.includes('type:domain') ?? false;
};

describe('READMEs', () => {
  it.each(projects)('%s has one', (project) => {
    expect(existsSync(join(root, project, 'README.md'))).toBe(true);
  });

  it.each(projects.filter(isDomain))('%s opens with an example that runs', (project) => {
    const readme = readFileSync(join(root, project, 'README.md'), 'utf8');
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    expect(example, 'an example that asserts something').toMatch(/assert\.\w+\(/);
    const file = join(folder, `${project.replace('/', '-')}.ts`);
    writeFileSync(file, example);
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@adstocrat/source', '--disable-warning=ExperimentalWarning', file],
      { encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
  });
});
