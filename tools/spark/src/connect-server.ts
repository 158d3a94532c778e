import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@adstocrat/ports';

/** A server that speaks Spark Connect, on 127.0.0.1. */
export interface ConnectServer {
  /** `sc://127.0.0.1:PORT`. */
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** How long one may take to its first answer, on a machine that does much else. */
const patienceMs = 240_000;

/** Starts a program that listens on the port it is told, and waits until it does. */
export async function startConnectServer(
  program: string,
  argsFor: (port: number) => readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ConnectServer> {
  const port = await freePort();
  const child = spawn(program, [...argsFor(port)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-4000)));
  const until = Date.now() + patienceMs;
  while (!(await listens(port))) {
    if (child.exitCode !== null || Date.now() > until) {
      await end(child);
      throw new Error(`${program} does not answer on port ${port}: ${said}`);
    }
    await sleep(100);
  }
  return { url: `sc://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(killing);
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
