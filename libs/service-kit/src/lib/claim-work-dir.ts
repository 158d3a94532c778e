import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FolderInUse, FolderLock } from './folder-lock.ts';

/**
 * Takes a work folder for this process and clears what processes before it left of their passing files, see {@link scratchOf}.
 * Waits for a process that is just ending; throws where another keeps the folder: each instance of a service has its own.
 */
export async function claimWorkDir(workDir: string, { withinMs = 15_000 } = {}): Promise<FolderLock> {
  for (const until = Date.now() + withinMs; ; await sleep(100)) {
    try {
      const lock = FolderLock.take(workDir);
      rmSync(scratchOf(workDir), { recursive: true, force: true });
      mkdirSync(scratchOf(workDir), { mode: 0o700 });
      return lock;
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
      if (Date.now() > until) throw new Error(`${error.message}; set WORK_DIR`, { cause: error });
    }
  }
}

/** Where a service's passing files lie: empty when it starts, whatever a killed process left there. */
export function scratchOf(workDir: string): string {
  return join(workDir, 'scratch');
}
