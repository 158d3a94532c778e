import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { Tally } from '../tally.ts';

const root = resolve(import.meta.dirname, '../../../..');

export const serviceNames = ['ingestion', 'training', 'evaluation', 'serving', 'feedback'] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface ServiceOptions {
  readonly name: ServiceName;
  /** Counted from 1 among those of its name. */
  readonly instance: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** Wall milliseconds before a service that ended is started again. */
const pauseMs = 300;

/** One instance of a service, started again whenever it ends: a supervisor without judgement, so that faults are the campaign's alone. */
export class ServiceProcess {
  readonly options: ServiceOptions;
  /** How often it ended, and on what: `SIGKILL`, `exit 0`, `exit 1`. */
  readonly ends = new Tally();
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: ServiceOptions) {
    this.options = options;
  }

  /** For people: `serving 2`. */
  get title(): string {
    return `${this.options.name} ${this.options.instance}`;
  }

  /** Absent while it is down. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Its gRPC endpoint. */
  get address(): string {
    return `127.0.0.1:${this.options.environment['GRPC_PORT'] ?? ''}`;
  }

  /** Its REST endpoint, where it has one. */
  get restUrl(): string {
    return `http://127.0.0.1:${this.options.environment['REST_PORT'] ?? ''}`;
  }

  start(): void {
    const log = openSync(this.options.logFile, 'a');
    const child = spawn(
      process.execPath,
      [
        '--conditions=@adstocrat/source',
        '--disable-warning=ExperimentalWarning',
        // As the command starts a service.
        '--max-semi-space-size=16',
        `--import=${resolve(root, 'libs/service-kit/src/register.ts')}`,
        resolve(root, 'apps', this.options.name, 'src/main.ts'),
      ],
      // The IPC channel's end tells the service that the campaign is gone.
      { stdio: ['ignore', log, log, 'ipc'], env: { ...process.env, ...this.options.environment } },
    );
    closeSync(log);
    this.#child = child;
    child.once('exit', (code, signal) => {
      this.#child = undefined;
      if (this.#stopping) return;
      this.ends.add(signal ?? `exit ${String(code)}`);
      this.#timer = setTimeout(() => {
        this.start();
      }, pauseMs);
    });
  }

  /** False where it is down already. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#child?.kill(signal) ?? false;
  }

  /** SIGTERM, then SIGKILL after the grace; it is not started again. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise((resolveEnded) => child.once('exit', resolveEnded));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(force);
  }
}
