import { createHash } from 'node:crypto';
import { execFileSync, type StdioOptions } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const cache = join(root, '.cache/peers');

/** A virtual environment of Python. */
export interface PythonEnvironment {
  readonly folder: string;
  readonly python: string;
}

/**
 * The environment with exactly what a file of requirements pins, made once from PyPI and named after it. Throws where Python 3, its pip or
 * the registry is missing.
 */
export function environmentOf(requirements: string): PythonEnvironment {
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cache, `${basename(requirements, '.txt')}-${digest}`);
  const python = join(folder, 'bin/python');
  const complete = join(folder, 'complete');
  // The interpreter is a link: where another Python took the place of the one it was made with, it leads nowhere.
  if (!existsSync(complete) || !existsSync(python)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    // The pip that is there fills it: one of its own would take longer, and `ensurepip`, which not every system has.
    execFileSync('python3', ['-m', 'venv', '--without-pip', folder], { stdio });
    execFileSync('python3', ['-m', 'pip', '--python', python, 'install', ...options, '--requirement', requirements], {
      stdio,
    });
    writeFileSync(complete, '');
  }
  return { folder, python };
}

/** Nothing is compiled but what is imported then. */
const options = ['--no-deps', '--no-compile', '--progress-bar=off', '--disable-pip-version-check'];

/** Progress is none of what a program prints. */
const stdio = ['ignore', 2, 2] as const satisfies StdioOptions;
