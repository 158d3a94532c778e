import { join, resolve } from 'node:path';
import { environmentOf, type PythonEnvironment } from '@adstocrat/python-environments';

export type { PythonEnvironment };

/** Where the sources of the Python side lie. */
export const pythonSources = resolve(import.meta.dirname, '../python');

/** The environment with exactly what `python/NAME.txt` pins. Throws where Python 3 or the registry is missing. */
export function pythonEnvironment(name: string): PythonEnvironment {
  return environmentOf(join(pythonSources, `${name}.txt`));
}
