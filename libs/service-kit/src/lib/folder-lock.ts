import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * The right of one process to a folder. It is a lock of the operating system on a file in it, which ends with the process, however
 * that ends: nothing is stale after a SIGKILL, and process ids, which containers give out again, decide nothing. SQLite takes it,
 * since Node has no call for it.
 */
export class FolderLock {
  readonly #file: DatabaseSync;

  private constructor(file: DatabaseSync) {
    this.#file = file;
  }

  /** Takes the folder, made where absent. Throws at once where another process, or another lock of this one, has it. */
  static take(folder: string): FolderLock {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const holder = join(folder, 'holder');
    const file = new DatabaseSync(join(folder, 'lock'), { timeout: 0 });
    try {
      file.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    } catch (error) {
      file.close();
      if ((error as { readonly errcode?: number }).errcode !== busy) throw error;
      throw new Error(`${folder} is in use by another process (${heldBy(holder)}): each needs a folder of its own`, {
        cause: error,
      });
    }
    // For people: the lock alone decides.
    writeFileSync(holder, `process ${process.pid} on ${hostname()} since ${new Date().toISOString()}`, { mode: 0o600 });
    return new FolderLock(file);
  }

  release(): void {
    if (this.#file.isOpen) this.#file.close();
  }
}

/** SQLITE_BUSY. */
const busy = 5;

function heldBy(holder: string): string {
  try {
    return readFileSync(holder, 'utf8');
  } catch {
    return 'unknown';
  }
}
