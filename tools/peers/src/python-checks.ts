import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PeerCheck } from './peer-check.ts';
import { pythonEnvironment, pythonSources } from './python-environment.ts';

/** Runs `python/SCRIPT` in the environment NAME. It says a check a line, as JSON; that it runs to its end is one more. */
export async function* pythonChecks(name: string, script: string, args: readonly string[]): AsyncIterable<PeerCheck> {
  const { python } = pythonEnvironment(name);
  const child = spawn(python, [join(pythonSources, script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stdout))
    yield { peer: name, ...(JSON.parse(line) as Omit<PeerCheck, 'peer'>) };
  const [code] = (await ended) as [number | null];
  if (code !== 0) yield { peer: name, check: 'runs to its end', wrong: `it ended with ${code}` };
}
