import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { serverAccount, workingFolder } from './server-account.ts';
import { serverPrograms } from './server-programs.ts';

/** How the services reach the database: `access.json` in the data folder, for the owner's eyes alone. */
export interface Access {
  /** A role without superuser: it cannot read files, run programs, or change the server. */
  readonly role: string;
  readonly password: string;
  readonly database: string;
}

export interface ClusterOptions {
  /** The role may make databases: for specs. */
  readonly createDatabases?: boolean;
}

const accessFile = 'access.json';

/**
 * The way into the database in a folder; makes it where there is none. It is made beside and renamed into place: a start that is
 * killed half-way leaves nothing that the next one takes for a database. The superuser has no password and may not connect; only
 * who may read the folder can use it, in single-user mode.
 */
export async function openCluster(dataDir: string, options: ClusterOptions = {}): Promise<Access> {
  clearHalfMade(dataDir);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await makeCluster(dataDir, options);
  try {
    return JSON.parse(readFileSync(join(dataDir, accessFile), 'utf8')) as Access;
  } catch (error) {
    throw new Error(
      `${dataDir} holds a database that this version did not make (no ${accessFile}; earlier ones let every local account in): move the folder away and start again`,
      { cause: error },
    );
  }
}

const halfMade = (dataDir: string): string => `${basename(dataDir)}.new-`;

function clearHalfMade(dataDir: string): void {
  if (!existsSync(dirname(dataDir))) return;
  for (const name of readdirSync(dirname(dataDir)))
    if (name.startsWith(halfMade(dataDir)))
      rmSync(join(dirname(dataDir), name), { recursive: true, force: true, maxRetries: 5 });
}

async function makeCluster(dataDir: string, { createDatabases = false }: ClusterOptions): Promise<void> {
  const partial = join(dirname(dataDir), `${halfMade(dataDir)}${randomBytes(4).toString('hex')}`);
  const access: Access = { role: 'adstocrat', password: randomBytes(24).toString('base64url'), database: 'adstocrat' };
  try {
    mkdirSync(partial, { recursive: true, mode: 0o700 });
    const account = serverAccount();
    if (account !== undefined) chownSync(partial, account.uid, account.gid);
    const bin = serverPrograms(account);
    const folder = workingFolder(partial, account);
    const as = { cwd: partial, ...account };
    await promisify(execFile)(
      join(bin, 'initdb'),
      ['-D', folder, '-U', 'postgres', '-A', 'reject', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      as,
    );
    writeFileSync(join(partial, 'pg_hba.conf'), hostRules);
    const single = spawnSync(join(bin, 'postgres'), ['--single', '-j', '-F', '-D', folder, 'postgres'], {
      ...as,
      input: statements(access, createDatabases),
      encoding: 'utf8',
    });
    if (single.status !== 0 || /^\S+ \S+ \S+ \[\d+\] (ERROR|FATAL)/m.test(single.stderr))
      throw new Error(single.stderr);
    writeFileSync(join(partial, accessFile), `${JSON.stringify(access)}\n`, { mode: 0o600 });
    renameSync(partial, dataDir);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error(`making a PostgreSQL database in ${dataDir}: ${reasonIn((error as Error).message)}`, {
      cause: error,
    });
  }
}

/** The first line in which a program says what went wrong, without what it says before it. */
function reasonIn(output: string): string {
  return /(?:FATAL|ERROR|error): +(.*)/.exec(output)?.[1] ?? output;
}

const hostRules = `# Made by adstocrat: one way in, with a password.
host all postgres all reject
host all all 127.0.0.1/32 scram-sha-256
`;

/** A statement may span lines: a blank one ends it. */
function statements({ role, password, database }: Access, createDatabases: boolean): string {
  return [
    `CREATE ROLE ${role} LOGIN NOSUPERUSER NOCREATEROLE ${createDatabases ? 'CREATEDB' : 'NOCREATEDB'} PASSWORD '${password}'`,
    `CREATE DATABASE ${database} OWNER ${role}`,
    // A database is dropped although its autovacuum is at work, which belongs to nobody.
    ...(createDatabases ? [`GRANT pg_signal_backend, pg_signal_autovacuum_worker TO ${role}`] : []),
    'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC',
    '',
  ].join(';\n\n');
}
