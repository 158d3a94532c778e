import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../../..');

/** How a service is started. */
export interface ServiceSpec {
  readonly name: 'ingestion' | 'training' | 'evaluation' | 'serving' | 'feedback';
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/**
 * One service as a child process, started again whenever it ends unasked.
 * The pause before that doubles from 0.2 s to 5 s while it keeps ending within 10 s.
 */
export class ServiceProcess {
  readonly spec: ServiceSpec;
  /** Times it was started again. */
  restarts = 0;
  #child: ChildProcess | undefined;
  #stopping = false;
  #pauseMs = 200;
  #timer: NodeJS.Timeout | undefined;
  #onRestart: (name: string, reason: string) => void;

  constructor(spec: ServiceSpec, onRestart: (name: string, reason: string) => void) {
    this.spec = spec;
    this.#onRestart = onRestart;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const log = openSync(this.spec.logFile, 'a');
    const startedAt = Date.now();
    const child = spawn(
      process.execPath,
      [
        '--conditions=@adstocrat/source',
        '--disable-warning=ExperimentalWarning',
        `--import=${resolve(root, 'libs/service-kit/src/register.ts')}`,
        resolve(root, 'apps', this.spec.name, 'src/main.ts'),
      ],
      // The IPC channel carries nothing: its end tells the service that the command is gone.
      { stdio: ['ignore', log, log, 'ipc'], env: { ...process.env, ...this.spec.environment } },
    );
    closeSync(log);
    this.#child = child;
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (this.#stopping) return;
      this.#pauseMs = Date.now() - startedAt > 10_000 ? 200 : Math.min(5000, this.#pauseMs * 2);
      this.restarts += 1;
      this.#onRestart(this.spec.name, signal ?? `exit code ${code}`);
      this.#timer = setTimeout(() => {
        this.start();
      }, this.#pauseMs);
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGTERM, then SIGKILL after the grace. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise<void>((resolveEnded) =>
      child.once('exit', () => {
        resolveEnded();
      }),
    );
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(force);
  }

  /** The log's last lines, for an error. */
  tail(lines: number): string {
    return readFileSync(this.spec.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  }
}
