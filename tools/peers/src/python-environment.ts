import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const cache = join(root, '.cache/peers');

/** Where the sources of the Python side lie. */
export const pythonSources = resolve(import.meta.dirname, '../python');

/** A virtual environment of Python. */
export interface PythonEnvironment {
  readonly folder: string;
  readonly python: string;
}

/** The environment with exactly what `python/NAME.txt` pins, made once from PyPI. Throws where Python 3 or the registry is missing. */
export function pythonEnvironment(name: string): PythonEnvironment {
  const requirements = join(pythonSources, `${name}.txt`);
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(cache, `${name}-${digest}`);
  const python = join(folder, 'bin/python');
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(cache, { recursive: true });
    execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' });
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--requirement', requirements], {
      stdio: 'inherit',
    });
    writeFileSync(complete, '');
  }
  return { folder, python };
}
