import cluster, { type Worker } from 'node:cluster';
import { type ServiceFailure, statusCode } from '@adstocrat/service-kit';
import { Answers } from './answers.ts';
import { answersWithinMs, type FromProcess, isFromProcess, type Question, type ToProcess } from './process-messages.ts';

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
  readonly #answers = new Answers<unknown>();
  #listening = false;
  #ended = false;

  /**
   * `environment`: beside this process's own. It must end within `graceMs` wall milliseconds when it is told to. `onEnded` is called as
   * `hasEnded` becomes true, before anything else is done.
   */
  constructor(
    number: number,
    environment: Readonly<Record<string, string>>,
    { graceMs, onEnded }: { readonly graceMs: number; readonly onEnded: () => void },
  ) {
    this.number = number;
    this.#graceMs = graceMs;
    const worker = (this.#worker = cluster.fork(environment));
    const said = (what: FromProcess['serving']): Promise<void> =>
      new Promise((resolve) => this.#hear(({ serving }) => serving === what && resolve()));
    this.#hear((message) => message.serving === 'answers' && this.#answers.came(message.id, message.answer));
    this.listens = said('listens').then(() => {
      this.#listening = true;
    });
    this.ready = said('ready');
    this.ended = new Promise((resolve) => {
      worker.once('exit', (code: number, signal: string) => {
        this.#ended = true;
        onEnded();
        this.#answers.end();
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

  /** Whether its servers have begun to listen. */
  get isListening(): boolean {
    return this.#listening;
  }

  /**
   * Undefined where it does not answer. One that has just begun is asked once it listens: before, it would not hear. `untilMs`: when
   * whoever asked stops waiting, as `performance.now()` counts: the process is told how long that is then. What it has begun is waited for.
   */
  ask(question: Question, untilMs = Infinity): Promise<unknown> {
    if (this.#ended) return Promise.resolve(undefined);
    const mostMs = answersWithinMs(question);
    const endMs = Math.min(untilMs, performance.now() + mostMs);
    return this.#answers.ask(mostMs, (id) => {
      void this.listens.then(() => {
        const withinMs = Math.max(0, endMs - performance.now());
        this.#tell({ serving: 'asks', id, question, withinMs });
      });
    });
  }

  /** Answers its questions with what `all` answer, or why they are not asked. `withinMs`: as long as it waits for that. */
  onQuestion(all: (question: Question, withinMs: number) => Promise<readonly unknown[]>): void {
    this.#hear((message) => {
      if (message.serving !== 'asks') return;
      const { id, question, withinMs } = message;
      all(question, withinMs).then(
        (answers) => this.#tell({ serving: 'answers', id, answers }),
        ({ code = statusCode.internal, message: refused }: ServiceFailure) =>
          this.#tell({ serving: 'refuses', id, code, refused }),
      );
    });
  }

  /** Stops since another listens in its place: nobody is told to go elsewhere. Resolves at its end. */
  retire(): Promise<string> {
    this.#tell({ serving: 'retire' });
    return this.#end();
  }

  /** Resolves at its end. */
  stop(): Promise<string> {
    this.#worker.process.kill('SIGTERM');
    return this.#end();
  }

  #hear(listen: (message: FromProcess) => void): void {
    this.#worker.on('message', (message: unknown) => {
      if (isFromProcess(message)) listen(message);
    });
  }

  #tell(message: ToProcess): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => undefined);
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
