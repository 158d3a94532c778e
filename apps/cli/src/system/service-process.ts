import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { watchdog } from '@adstocrat/service-kit';
import { RestartPause } from './restart-pause.ts';

const root = resolve(import.meta.dirname, '../../../..');

export const serviceNames = ['ingestion', 'training', 'evaluation', 'serving', 'feedback'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** What an instance's log and work folder are called: its service, and which one it is where it is not the first. */
export function instanceFolder(name: ServiceName, instance: number): string {
  return instance === 1 ? name : `${name}-${instance}`;
}

/** How a service is started. */
export interface ServiceSpec {
  readonly name: ServiceName;
  /** 1, 2, …: which of the instances of this service. */
  readonly instance: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** A log that is longer than this when its service starts is put aside, in place of the one before. */
const logBytes = 16 * 2 ** 20;

/** One service as a child process and leader of its process group, started again whenever it ends unasked. */
export class ServiceProcess {
  readonly spec: ServiceSpec;
  /** Times it was started again. */
  restarts = 0;
  #child: ChildProcess | undefined;
  #stopping = false;
  readonly #pause = new RestartPause();
  #timer: NodeJS.Timeout | undefined;
  readonly #onRestart: (name: string, reason: string) => void;

  constructor(spec: ServiceSpec, onRestart: (name: string, reason: string) => void) {
    this.spec = spec;
    this.#onRestart = onRestart;
  }

  /** As people read it. */
  get title(): string {
    return instanceFolder(this.spec.name, this.spec.instance);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Throws where its log cannot be opened, or the system gives no process for it. */
  start(): void {
    const startedAt = Date.now();
    const child = this.#spawn();
    this.#child = child;
    watchdog.watch(child.pid, 'service');
    const ended = (reason: string): void => {
      watchdog.forget(child.pid);
      this.#child = undefined;
      this.#startAgain(reason, Date.now() - startedAt);
    };
    child.once('exit', (code, signal) => {
      ended(signal ?? `exit code ${code}`);
    });
    // Without a process there is no exit; with one, an error ends nothing.
    child.on('error', (error) => {
      if (child.pid === undefined) ended(error.message);
    });
  }

  #spawn(): ChildProcess {
    const log = openLog(this.spec.logFile);
    try {
      return spawn(
        process.execPath,
        [
          '--conditions=@adstocrat/source',
          '--disable-warning=ExperimentalWarning',
          // V8 lets its young generation grow with the flow of messages, to some hundred MiB that nothing needs.
          '--max-semi-space-size=16',
          `--import=${resolve(root, 'libs/service-kit/src/register.ts')}`,
          resolve(root, 'apps', this.spec.name, 'src/main.ts'),
        ],
        // The IPC channel carries nothing: its end tells the service that the command is gone. Ctrl-C is for the command alone.
        { stdio: ['ignore', log, log, 'ipc'], detached: true, env: { ...process.env, ...this.spec.environment } },
      );
    } finally {
      closeSync(log);
    }
  }

  #startAgain(reason: string, ranMs: number): void {
    if (this.#stopping) return;
    this.restarts += 1;
    this.#onRestart(this.title, reason);
    this.#timer = setTimeout(() => {
      try {
        this.start();
      } catch (error) {
        this.#startAgain((error as Error).message, 0);
      }
    }, this.#pause.after(ranMs));
  }

  /** SIGTERM, then SIGKILL to its whole process group after the grace. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child?.pid === undefined) return;
    const { pid } = child;
    const ended = new Promise<void>((resolveEnded) =>
      child.once('exit', () => {
        resolveEnded();
      }),
    );
    child.kill('SIGTERM');
    const force = setTimeout(() => process.kill(-pid, 'SIGKILL'), graceMs);
    await ended;
    clearTimeout(force);
  }

  /** The log's last lines, for an error. */
  tail(lines: number): string {
    return lastBytes(this.spec.logFile, 32_768).trimEnd().split('\n').slice(-lines).join('\n');
  }
}

function openLog(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > logBytes) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

function lastBytes(file: string, bytes: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, bytes));
    const read = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, read);
  } finally {
    closeSync(descriptor);
  }
}
