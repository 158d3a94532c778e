import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a file as a lock that the kernel holds for this process, and drops at its death, however it dies: no process id that could
 * be stale or another's. Returns what releases it, or undefined where another process has it. The file is made where it is
 * absent, and stays. SQLite is the one part of Node.js that can lock a file. Throws where the file cannot be written.
 */
export function takeFileLock(path: string): (() => void) | undefined {
  const file = new DatabaseSync(path, { timeout: 0 });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if ((error as { readonly errcode?: number }).errcode === busy) return undefined;
    throw error;
  }
  return () => {
    file.close();
  };
}

/** SQLITE_BUSY */
const busy = 5;
