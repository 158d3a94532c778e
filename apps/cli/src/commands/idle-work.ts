import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FolderInUse, FolderLock, scratchOf } from '@adstocrat/service-kit';
import type { Home } from '../system/home.ts';

/** Passing files below a home's `work`. */
export interface WorkFolder {
  /** As `work/ingestion-2`. */
  readonly name: string;
  readonly bytes: number;
  /** When the newest of them was written, wall milliseconds. */
  readonly writtenAtMs: number;
  /** Why they go, or stay. */
  readonly why: string;
}

export interface CleanedWork {
  readonly going: readonly WorkFolder[];
  readonly staying: readonly WorkFolder[];
}

/** Files of `predict`, which takes no lock, are nobody's after so long. */
const predictMs = 86_400_000;
/** What `predict` and its engine make. */
const ofPredict = /^(?:batch|duckdb|records|rows)-/u;
/** How a folder within a work folder begins that nobody has any more, and that a clean removes, or began to. */
const leaving = 'leaving-';

/**
 * Removes the passing files that killed processes left in a home's work folders, of such as nobody has started again since: an instance
 * more than are started now, a `predict`. `dryRun`: says which. What a process holds stays, and of a service everything but its passing
 * files, such as predictions that were not sent on yet.
 */
export function cleanWork(home: Home, dryRun: boolean, nowMs: number): CleanedWork {
  const [going, staying]: [WorkFolder[], WorkFolder[]] = [[], []];
  const root = home.path('work');
  for (const folder of existsSync(root) ? readdirSync(root).sort() : []) {
    const name = `work/${folder}`;
    const path = join(root, folder);
    // A link leads to what is not the home's.
    if (!lstatSync(path).isDirectory()) continue;
    try {
      if (folder === 'predict') cleanPredict(path, { name, dryRun, nowMs, going });
      else cleanScratch(path, { name, dryRun, going, staying });
    } catch (error) {
      staying.push({ name, ...sumOf([]), why: `it cannot be looked into: ${String(error)}` });
    }
  }
  return { going, staying };
}

interface Cleaning {
  readonly name: string;
  readonly dryRun: boolean;
  readonly going: WorkFolder[];
}

function cleanPredict(path: string, { name, dryRun, nowMs, going }: Cleaning & { readonly nowMs: number }): void {
  const files = readdirSync(path).filter((file) => ofPredict.test(file));
  const old = files.map((file) => join(path, file)).filter((file) => sizeOf(file).writtenAtMs < nowMs - predictMs);
  const size = sumOf(old.map(sizeOf));
  if (!dryRun) for (const file of old) rmSync(file, { recursive: true, force: true });
  if (old.length > 0) going.push({ name, ...size, why: 'left by a command that ended more than a day ago' });
}

function cleanScratch(
  path: string,
  { name, dryRun, going, staying }: Cleaning & { readonly staying: WorkFolder[] },
): void {
  const scratch = scratchOf(path);
  const [size, gone] = [sizeOf(scratch), namesIn(path).filter((one) => one.startsWith(leaving))];
  const goes = gone.map((one) => join(path, one));
  const sizes = goes.map(sizeOf);
  if (size.bytes > 0) {
    const aside = join(path, `${leaving}${randomUUID()}`);
    // Put aside at once and removed without the lock: a service that starts meanwhile need not wait for gigabytes.
    const isTaken = isHeld(path, () => {
      if (!dryRun && existsSync(scratch)) renameSync(scratch, aside);
    });
    if (isTaken) staying.push({ name, ...size, why: 'a process works in it' });
    else {
      goes.push(aside);
      sizes.push(size);
    }
  }
  if (!dryRun) for (const one of goes) rmSync(one, { recursive: true, force: true });
  const { bytes, writtenAtMs } = sumOf(sizes);
  if (bytes > 0) going.push({ name, bytes, writtenAtMs, why: 'left by a process that is gone' });
}

/** Whether a process has the folder; where none has it, `work` is done as the one that has. */
function isHeld(path: string, work: () => unknown): boolean {
  try {
    const lock = FolderLock.take(path);
    try {
      work();
    } finally {
      lock.release();
    }
    return false;
  } catch (error) {
    if (error instanceof FolderInUse) return true;
    throw error;
  }
}

interface Size {
  readonly bytes: number;
  readonly writtenAtMs: number;
}

/** Of a file or folder; nothing of what is gone meanwhile. Links are not followed. */
function sizeOf(path: string): Size {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return sumOf([]);
  if (!facts.isDirectory()) return { bytes: facts.size, writtenAtMs: facts.mtimeMs };
  return sumOf([{ bytes: 0, writtenAtMs: facts.mtimeMs }, ...namesIn(path).map((one) => sizeOf(join(path, one)))]);
}

/** None where a process has removed the folder meanwhile. */
function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function sumOf(sizes: readonly Size[]): Size {
  return {
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    writtenAtMs: sizes.reduce((newest, { writtenAtMs }) => Math.max(newest, writtenAtMs), 0),
  };
}
