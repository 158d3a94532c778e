import { join } from 'node:path';
import type { PeerCheck } from './peer-check.ts';
import { programChecks } from './program-checks.ts';
import { pythonEnvironment, pythonSources } from './python-environment.ts';

/** Runs `python/SCRIPT` in the environment NAME. It says a check a line, as JSON; that it runs to its end is one more. */
export function pythonChecks(name: string, script: string, args: readonly string[]): AsyncIterable<PeerCheck> {
  return programChecks(name, pythonEnvironment(name).python, [join(pythonSources, script), ...args]);
}
