import { createHash, randomUUID } from 'node:crypto';
import { execFileSync, spawnSync, type StdioOptions } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const cache = join(root, '.cache/peers');

/** A virtual environment of Python. */
export interface PythonEnvironment {
  readonly folder: string;
  readonly python: string;
}

/**
 * The environment with exactly what a file of requirements pins, made once from PyPI and named after it, below `within`. It is made again
 * where the system has another Python by now: what was installed is for the one before. Throws where Python 3, its pip or the registry is
 * missing.
 */
export function environmentOf(requirements: string, within = cache): PythonEnvironment {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const name = `${basename(requirements, '.txt')}-${digest}`;
  const folder = join(within, name);
  if (!isWhole(folder)) {
    // Others may make it at once: it is filled aside, and there as a whole or not at all.
    const aside = join(within, `.${name}-${randomUUID()}`);
    try {
      fill(aside, requirements);
      nameAnew(aside, folder);
      moveTo(folder, aside);
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
  }
  return { folder, python: join(folder, 'bin/python') };
}

/** It was filled, for the Python that its link leads to now. The set-up asks the same (tools/setup/steps/test-servers.mjs). */
function isWhole(folder: string): boolean {
  const complete = join(folder, 'complete');
  return existsSync(complete) && readFileSync(complete, 'utf8') === versionOf(join(folder, 'bin/python'));
}

/** As `3.11`, which a folder of packages is called after; undefined where there is no such Python. */
function versionOf(python: string): string | undefined {
  const { status, stdout } = spawnSync(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2], end="")'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout : undefined;
}

function fill(folder: string, requirements: string): void {
  const python = join(folder, 'bin/python');
  mkdirSync(dirname(folder), { recursive: true });
  // The pip that is there fills it: one of its own would take longer, and `ensurepip`, which not every system has.
  execFileSync('python3', ['-m', 'venv', '--without-pip', folder], { stdio });
  execFileSync('python3', ['-m', 'pip', '--python', python, 'install', ...options, '--requirement', requirements], {
    stdio,
  });
  writeFileSync(join(folder, 'complete'), versionOf(python) ?? '');
}

/** Programs say by its path which Python runs them: the one where the folder is to lie. */
function nameAnew(folder: string, to: string): void {
  for (const one of readdirSync(join(folder, 'bin'), { withFileTypes: true })) {
    if (!one.isFile()) continue;
    const path = join(folder, 'bin', one.name);
    const bytes = readFileSync(path);
    if (bytes.includes(folder) && !bytes.includes(0)) writeFileSync(path, bytes.toString().replaceAll(folder, to));
  }
}

/** Another one may have come first: then that one stays. */
function moveTo(folder: string, aside: string): void {
  if (isWhole(folder)) return;
  rmSync(folder, { recursive: true, force: true });
  try {
    renameSync(aside, folder);
  } catch (error) {
    if (!isWhole(folder)) throw error;
  }
}

/** Nothing is compiled but what is imported then. */
const options = ['--no-deps', '--no-compile', '--progress-bar=off', '--disable-pip-version-check'];

/** Progress is none of what a program prints. */
const stdio = ['ignore', 2, 2] as const satisfies StdioOptions;
