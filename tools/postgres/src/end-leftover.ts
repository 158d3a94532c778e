import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What a server's command line says of the folder that it serves, so that a process id in a stale file is never taken for it. The
 * folder itself, not its name: a copied or moved folder is another one.
 */
export function clusterName(dataDir: string): string {
  const { dev, ino } = statSync(dataDir);
  return `adstocrat-${dev}-${ino}`;
}

/**
 * Stops a server that a killed process left behind in the folder, and that one only. Throws where it does not end within 15 s, or its
 * sessions within 15 more.
 */
export async function endLeftover(dataDir: string): Promise<void> {
  const pid = postmasterIn(dataDir);
  if (pid === undefined) return;
  for (let waited = 0; waited < 150; waited += 1) {
    if (!serves(pid, dataDir)) break;
    // Fast, then as a crash would: one that hangs hears nothing else.
    if (waited % 50 === 0) process.kill(pid, waited < 100 ? 'SIGINT' : 'SIGKILL');
    await sleep(100);
  }
  if (serves(pid, dataDir)) throw new Error(`a PostgreSQL server (process ${pid}) in ${dataDir} does not end`);
  await endSessions(dataDir);
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
}

/** Sessions of a server that was killed end by themselves when they notice; until then the next server refuses to start. */
async function endSessions(dataDir: string): Promise<void> {
  let left: readonly number[] = [];
  for (let waited = 0; waited < 300; waited += 1) {
    left = sessionsOf(dataDir);
    if (left.length === 0) return;
    if (waited % 100 === 50) for (const session of left) killed(session);
    await sleep(50);
  }
  throw new Error(`processes ${left.join(', ')} of a PostgreSQL server that was killed in ${dataDir} do not end`);
}

/** SIGKILL to a process that may have ended meanwhile. */
function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Processes of a server, but for its first one: each is called after the cluster. */
function sessionsOf(dataDir: string): readonly number[] {
  const title = `postgres: ${clusterName(dataDir)}: `;
  return processes().filter((pid) => commandLine(pid).startsWith(title));
}

function processes(): readonly number[] {
  const names =
    process.platform === 'linux'
      ? readdirSync('/proc')
      : execFileSync('ps', ['-ax', '-o', 'pid='], { encoding: 'utf8' }).split('\n');
  return names.map(Number).filter((pid) => pid > 0);
}

function postmasterIn(dataDir: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function serves(pid: number, dataDir: string): boolean {
  return commandLine(pid)
    .split(/[\0 ]/)
    .includes(`cluster_name=${clusterName(dataDir)}`);
}

/** Empty where there is no such process. */
function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
