import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
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

/** Stops a server that a killed process left behind in the folder, and that one only. Throws where it does not end within 15 s. */
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
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
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
