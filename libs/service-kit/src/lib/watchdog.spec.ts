import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

/** Starts a service that hears no signal and has a child of its own, and a database; tells their process ids. */
const script = `
  const { spawn } = await import('node:child_process');
  const { watchdog } = await import(${JSON.stringify(join(import.meta.dirname, 'watchdog.ts'))});
  const start = (...args) => spawn('/bin/sh', ['-c', ...args], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const service = start("trap '' TERM INT; sleep 1000 & echo $!; wait");
  const database = start("trap 'exit 0' INT; while :; do sleep 0.1; done");
  const ended = start('exit 0');
  watchdog.watch(service.pid, 'service');
  watchdog.watch(database.pid, 'database');
  watchdog.watch(ended.pid, 'service');
  ended.once('exit', () => {
    watchdog.forget(ended.pid);
    service.stdout.once('data', (child) => console.log(JSON.stringify([service.pid, Number(child), database.pid])));
  });
  setInterval(() => {}, 1000);
`;

async function starter(): Promise<{ readonly process: ChildProcess; readonly pids: readonly number[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { process: child, pids: JSON.parse(line) as number[] };
}

/** A process that has ended and that nobody waited for is none. */
function lives(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** The watchdog's process id; undefined where it has none now. */
function shellOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.find((child) => {
    try {
      return readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('watchdog.sh');
    } catch {
      return false;
    }
  });
}

describe('watchdog', () => {
  it.concurrent('ends what hears no signal, its children, and a database, once their starter is killed', async () => {
    const { process: killed, pids } = await starter();
    expect(pids.every(lives)).toBe(true);
    killed.kill('SIGKILL');
    while (pids.some(lives)) await sleep(50);
  });

  it.concurrent('is replaced where it is killed itself', async () => {
    const { process: killed, pids } = await starter();
    const first = shellOf(killed.pid ?? 0) ?? 0;
    process.kill(first, 'SIGKILL');
    while ([undefined, first].includes(shellOf(killed.pid ?? 0))) await sleep(20);
    killed.kill('SIGKILL');
    while (pids.some(lives)) await sleep(50);
  });
});
