import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeFileLock } from './file-lock.ts';

/** A work folder that is this process's alone while it lives. */
export interface WorkDir {
  /** For what does not outlive the process: empty at the start, whatever processes before this one left. */
  readonly scratch: string;
  release(): void;
}

/**
 * Takes a work folder for this process and clears the scratch of those before it. Waits for a process that is just ending; throws
 * where another keeps it: each instance of a service has its own.
 */
export async function claimWorkDir(workDir: string, { withinMs = 15_000 } = {}): Promise<WorkDir> {
  mkdirSync(workDir, { recursive: true, mode: 0o700 });
  for (const until = Date.now() + withinMs; ; await sleep(100)) {
    const release = takeFileLock(join(workDir, 'lock'));
    if (release === undefined) {
      if (Date.now() < until) continue;
      throw new Error(
        `${workDir} belongs to another process that runs: set WORK_DIR, each instance needs its own folder`,
      );
    }
    const scratch = scratchOf(workDir);
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch, { mode: 0o700 });
    return { scratch, release };
  }
}

/** Where a service's passing files lie. */
export function scratchOf(workDir: string): string {
  return join(workDir, 'scratch');
}
