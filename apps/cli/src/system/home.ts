import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { FolderInUse, FolderLock, newPersonalKey, newPredictionKey, replaceFile } from '@adstocrat/service-kit';
import { ExitError } from '../exit-error.ts';
import { askClaim } from './claim.ts';
import type { TlsFiles } from './command-tls.ts';
import type { ServicePorts } from './ports.ts';

/** What a running system says of itself, in `running.json`: for the owner alone, the URLs hold passwords. */
export interface RunningSystem {
  /** Its services answer health checks that name it. New at every start. */
  readonly systemId: string;
  /** Every service has answered. */
  readonly ready: boolean;
  readonly pid: number;
  /** Where the command itself answers who it is. */
  readonly claimPort: number;
  /** Ports of the first instance of every service. */
  readonly ports: ServicePorts;
  /** Ports of every instance, the first included. */
  readonly instances: readonly ServicePorts[];
  readonly databaseUrl: string;
  readonly eventBusUrl: string;
  readonly artifactsUrl: string;
  readonly clockSpeed: number;
  /** WALL_MS:SYSTEM_MS */
  readonly clockOrigin: string;
  /** File with what the services demand of their callers. */
  readonly tokenFile: string;
  /** How the services' REST is reached. */
  readonly restScheme: 'http' | 'https';
  /** With what the services are reached where they speak TLS. */
  readonly tlsFiles: TlsFiles;
}

/** The folder that holds a system's state: database, artifacts, logs. Its owner's alone. One system runs in a home at a time. */
export class Home {
  readonly folder: string;

  /** Makes the folder where it is absent and closes it to other accounts. Throws {@link ExitError} where it cannot be used. */
  constructor(folder: string) {
    this.folder = resolve(folder);
    try {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      this.#close();
    } catch (error) {
      throw unusable(this.folder, error);
    }
  }

  /** A path in the home. */
  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /**
   * Takes the home until the process ends, however it does. What was killed in it is ready no more: its ports may be anyone's.
   * Throws {@link ExitError} that says who has it.
   */
  lock(): FolderLock {
    const lock = this.#take();
    try {
      const last = this.lastRunning();
      if (last?.ready === true) this.writeRunning({ ...last, ready: false });
      return lock;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  #take(): FolderLock {
    try {
      return FolderLock.take(this.path('owner'));
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw unusable(this.folder, error);
      throw new ExitError(
        1,
        `a system runs in ${this.folder} (${error.holder}). Stop it with Ctrl-C where it was started, or use another folder with --home.`,
        { cause: error },
      );
    }
  }

  /** Makes what the services of this home demand of their callers, new for every start, and returns its file. */
  renewToken(): string {
    replaceFile(this.#tokenFile, `${randomBytes(32).toString('base64url')}\n`);
    return this.#tokenFile;
  }

  token(): string {
    return readFileSync(this.#tokenFile, 'utf8').trim();
  }

  get #tokenFile(): string {
    return this.path('token');
  }

  /** Where ingestion and serving find the keys of personal columns: what the environment says, else the home's own file. */
  personalKeys(): Readonly<Record<string, string>> {
    const { PERSONAL_KEYS: keys, PERSONAL_KEYS_FILE: file } = process.env;
    return keys !== undefined || file !== undefined ? {} : { PERSONAL_KEYS_FILE: this.personalKeysFile() };
  }

  /** The home's keys of personal columns, a first one made where there are none. */
  personalKeysFile(): string {
    return this.#keysFile('personal-keys', newPersonalKey);
  }

  /** Where serving and feedback find the keys of prediction tokens: what the environment says, else the home's own file. */
  predictionKeys(): Readonly<Record<string, string>> {
    const { PREDICTION_KEYS: keys, PREDICTION_KEYS_FILE: file } = process.env;
    if (keys !== undefined || file !== undefined) return {};
    return { PREDICTION_KEYS_FILE: this.#keysFile('prediction-keys', newPredictionKey) };
  }

  #keysFile(name: string, newKey: () => string): string {
    const file = this.path(name);
    if (existsSync(file)) return file;
    const own = this.path(`${name}.${randomUUID()}`);
    writeFileSync(own, `${newKey()}\n`, { mode: 0o600, flush: true });
    try {
      // Whole at once, and never in the place of one that another command has made meanwhile.
      linkSync(own, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(own);
    }
    return file;
  }

  /** What serving shows at /demo, once something is written there. */
  get demoPageFile(): string {
    return this.path('demo-page.json');
  }

  writeRunning(running: RunningSystem): void {
    replaceFile(this.path('running.json'), `${JSON.stringify(running, null, 2)}\n`);
  }

  clearRunning(): void {
    rmSync(this.path('running.json'), { force: true });
  }

  /** What the last system to run here said of itself, where it runs or was killed; none where it ended in order. */
  lastRunning(): RunningSystem | undefined {
    try {
      return JSON.parse(readFileSync(this.path('running.json'), 'utf8')) as RunningSystem;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unusable(this.folder, error);
    }
  }

  /**
   * The system that runs here, if one does and is up: its command has the home and answers with its id. The answer alone shows
   * nothing, since the id and the port of a killed command are whose account takes them.
   */
  async running(): Promise<RunningSystem | undefined> {
    const last = this.lastRunning();
    if (last?.ready !== true) return undefined;
    const holder = await askClaim(last.claimPort);
    if (holder?.systemId !== last.systemId || !FolderLock.isHeld(this.path('owner'))) return undefined;
    // Who has it now may be another than the one that was read of.
    const now = this.lastRunning();
    return now?.ready === true && now.systemId === last.systemId ? now : undefined;
  }

  /** Closes a home that an earlier version left open. Another folder that is not empty is none of ours to close. */
  #close(): void {
    const { mode, uid } = statSync(this.folder);
    if ((mode & 0o077) === 0) return;
    if (!this.#isHome()) {
      throw new ExitError(
        2,
        `${this.folder} is not empty and no home of adstocrat: name a folder of its own with --home, as ${join(this.folder, '.adstocrat')}`,
      );
    }
    if (uid !== process.getuid?.())
      throw new ExitError(1, `${this.folder} belongs to another account: name a folder of your own with --home`);
    chmodSync(this.folder, 0o700);
  }

  #isHome(): boolean {
    return readdirSync(this.folder).length === 0 || existsSync(this.path('owner')) || existsSync(this.path('postgres'));
  }
}

function unusable(folder: string, error: unknown): unknown {
  if (error instanceof ExitError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const why =
    {
      EEXIST: 'it is a file',
      ENOTDIR: `${dirname(folder)} is no folder`,
      EACCES: 'this account may not write there',
      EPERM: 'this account may not write there',
      EROFS: 'the disk is read-only',
      ENOSPC: 'the disk is full',
      ERR_SQLITE_ERROR: 'this account may not write there, or the disk is full or read-only',
    }[code ?? ''] ?? message;
  return new ExitError(1, `${folder} cannot be the home: ${why}. Name another folder with --home.`, { cause: error });
}
