import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { PeerCheck } from './peer-check.ts';

/** Runs a program that says a check a line, as JSON; that it runs to its end is one more. `peer`: what it is called. */
export async function* programChecks(peer: string, program: string, args: readonly string[]): AsyncIterable<PeerCheck> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  for await (const line of createInterface(child.stdout))
    yield { peer, ...(JSON.parse(line) as Omit<PeerCheck, 'peer'>) };
  const [code] = (await ended) as [number | null];
  if (code !== 0) yield { peer, check: 'runs to its end', wrong: `it ended with ${code}` };
}
