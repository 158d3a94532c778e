import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ExitError } from '../exit-error.ts';
import type { SystemPorts } from './ports.ts';

/** What a running system says of itself, in `running.json`. */
export interface RunningSystem {
  readonly pid: number;
  readonly ports: SystemPorts;
  readonly databaseUrl: string;
  readonly artifactsUrl: string;
  readonly clockSpeed: number;
}

/** The folder that holds a system's state: database, artifacts, logs. One system runs in a home at a time. */
export class Home {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = resolve(folder);
    mkdirSync(this.folder, { recursive: true });
  }

  /** A path in the home. */
  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** Takes the home for this process. Throws {@link ExitError} naming the process that has it. */
  lock(): () => void {
    const file = this.path('lock');
    for (;;) {
      try {
        writeFileSync(file, String(process.pid), { flag: 'wx' });
        return () => {
          rmSync(file, { force: true });
          rmSync(this.path('running.json'), { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = Number(existsSync(file) ? readFileSync(file, 'utf8') : 0);
      if (isAlive(owner)) {
        throw new ExitError(
          1,
          `adstocrat already runs in ${this.folder} (process ${owner}). Stop it with Ctrl-C or \`kill ${owner}\`, or use another folder with --home.`,
        );
      }
      rmSync(file, { force: true });
    }
  }

  /** What the services of this home demand of their callers: made at the first start, for the owner's eyes alone. */
  token(): string {
    const file = this.path('token');
    if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600 });
    return readFileSync(file, 'utf8').trim();
  }

  writeRunning(running: RunningSystem): void {
    const temporary = this.path(`running.json.${process.pid}`);
    writeFileSync(temporary, `${JSON.stringify(running, null, 2)}\n`);
    renameSync(temporary, this.path('running.json'));
  }

  /** The system that runs here, if one does. */
  running(): RunningSystem | undefined {
    const file = this.path('running.json');
    if (!existsSync(file)) return undefined;
    const running = JSON.parse(readFileSync(file, 'utf8')) as RunningSystem;
    return isAlive(running.pid) ? running : undefined;
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
