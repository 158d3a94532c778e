import { existsSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { replaceFile } from './replace-file.ts';

/** Another process, or another lock of this one, has the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  /** Who says to have it: process, host and start, for people. */
  readonly holder: string;

  constructor(folder: string, holder: string, cause: unknown) {
    super(`${folder} is in use by another process (${holder}): each needs a folder of its own`, { cause });
    this.holder = holder;
  }
}

/**
 * The right of one process to a folder. It is a lock of the operating system on a file in it, which ends with the process, however
 * that ends: nothing is stale after a SIGKILL, and process ids, which containers give out again, decide nothing. SQLite takes it,
 * since Node has no call for it.
 */
export class FolderLock {
  /** A lock that nobody refers to is held all the same, until the process ends. */
  static readonly #held = new Set<FolderLock>();
  readonly #file: DatabaseSync;

  private constructor(file: DatabaseSync) {
    this.#file = file;
    FolderLock.#held.add(this);
  }

  /**
   * Takes the folder, made where absent. Throws {@link FolderInUse} within moments where it is taken, and an error where the folder is
   * a link or another account's, as one that it made in /tmp under a name it foresaw.
   */
  static take(folder: string): FolderLock {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    assertOwn(folder);
    const holder = join(folder, 'holder');
    const file = new DatabaseSync(join(folder, 'lock'), { timeout: askingMs });
    try {
      file.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    } catch (error) {
      file.close();
      if (codeOf(error) !== busy) throw error;
      throw new FolderInUse(folder, heldBy(holder), error);
    }
    // For people: the lock alone decides.
    replaceFile(holder, `process ${process.pid} on ${hostname()} since ${new Date().toISOString()}`);
    return new FolderLock(file);
  }

  /** Whether a process has the folder now; no folder is nobody's. */
  static isHeld(folder: string): boolean {
    const path = join(folder, 'lock');
    if (!existsSync(path)) return false;
    const file = new DatabaseSync(path, { timeout: 0, readOnly: true });
    try {
      // Shared with others who ask, and refused while one has it.
      file.exec('SELECT count(*) FROM sqlite_schema');
      return false;
    } catch (error) {
      if (codeOf(error) !== busy) throw error;
      return true;
    } finally {
      file.close();
    }
  }

  release(): void {
    FolderLock.#held.delete(this);
    if (this.#file.isOpen) this.#file.close();
  }
}

/** Root may do all the same, and owns what a container mounts. */
function assertOwn(folder: string): void {
  // Without a slash at its end, which would follow the link.
  const facts = lstatSync(resolve(folder));
  if (!facts.isDirectory()) throw new Error(`${folder} is a link: name the folder itself`);
  const account = process.getuid?.();
  if (account === undefined || facts.uid === account || facts.uid === 0) return;
  throw new Error(`${folder} belongs to another account (uid ${facts.uid}, not ${account}): use a folder of your own`);
}

/** SQLITE_BUSY. */
const busy = 5;
/** Whoever only asks shares the lock for well under a millisecond. */
const askingMs = 100;

function codeOf(error: unknown): number | undefined {
  return (error as { readonly errcode?: number }).errcode;
}

function heldBy(holder: string): string {
  try {
    return readFileSync(holder, 'utf8');
  } catch {
    return 'unknown';
  }
}
