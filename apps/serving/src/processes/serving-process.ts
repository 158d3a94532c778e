import cluster, { type Worker } from 'node:cluster';
import { isFromProcess, type ToProcess } from './process-messages.ts';

/** Wall milliseconds beyond its grace after which a process that was told to stop is killed. */
const patienceMs = 500;

/** One process of a supervised server. */
export class ServingProcess {
  /** Which of the work folders it has, from 1. */
  readonly number: number;
  readonly begunMs = performance.now();
  /** Resolves once its servers listen; never where it ends before. */
  readonly listens: Promise<void>;
  /** Resolves once it is to be sent requests; never where it ends before. */
  readonly ready: Promise<void>;
  /** On what it ended: `SIGKILL`, `exit 1`. */
  readonly ended: Promise<string>;
  readonly #worker: Worker;
  readonly #graceMs: number;
  #ended = false;

  /** `environment`: beside this process's own. It must end within `graceMs` wall milliseconds when it is told to. */
  constructor(number: number, environment: Readonly<Record<string, string>>, graceMs: number) {
    this.number = number;
    this.#graceMs = graceMs;
    const worker = (this.#worker = cluster.fork(environment));
    const said = (what: string): Promise<void> =>
      new Promise((resolve) => {
        worker.on('message', (message: unknown) => {
          if (isFromProcess(message) && message.serving === what) resolve();
        });
      });
    this.listens = said('listens');
    this.ready = said('ready');
    this.ended = new Promise((resolve) => {
      worker.once('exit', (code: number, signal: string) => {
        this.#ended = true;
        resolve(signal || `exit ${code}`);
      });
    });
    // Asked to fork where it cannot: the process has ended before it began.
    worker.on('error', () => undefined);
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Stops since another listens in its place: nobody is told to go elsewhere. Resolves at its end. */
  retire(): Promise<string> {
    const message: ToProcess = { serving: 'retire' };
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined);
    return this.#end();
  }

  /** Resolves at its end. */
  stop(): Promise<string> {
    this.#worker.process.kill('SIGTERM');
    return this.#end();
  }

  async #end(): Promise<string> {
    const force = setTimeout(() => this.#worker.process.kill('SIGKILL'), this.#graceMs + patienceMs);
    try {
      return await this.ended;
    } finally {
      clearTimeout(force);
    }
  }
}
