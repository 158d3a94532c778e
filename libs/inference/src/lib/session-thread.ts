import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DamagedServable } from './damaged-servable.ts';
import type { Tensors, TensorSpec } from './element-tensor.ts';
import { type FromSession, ownTensors, type ToSession } from './session-messages.ts';
import { RunFailed } from './run-failed.ts';
import type { TensorSession } from './tensor-session.ts';
import { type Pauses, ThreadEnds, usualPauses } from './thread-ends.ts';

interface Asked {
  readonly resolve: (outputs: Tensors) => void;
  readonly reject: (error: Error) => void;
}

type Specs = Pick<TensorSession, 'inputs' | 'outputs'>;

/** Of the thread, in MiB: its tensors lie elsewhere, and by itself it takes ever more for what little it leaves. */
const maxYoungGenerationSizeMb = 8;

// Sources have one extension and what is built of them another.
const usualMain = new URL(`./session-worker${extname(import.meta.url)}`, import.meta.url);

/** The thread of a session ended. What it was at may be asked for again: it is begun anew. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';
}

/** How a {@link SessionThread} is opened. */
export interface SessionThreadOptions {
  readonly main?: URL;
  readonly pauses?: Pauses;
  /** Hears of each end that nobody asked for, and of the wall milliseconds for which no other thread is begun. */
  readonly onEnded?: (error: SessionEnded, pauseMs: number) => void;
}

/**
 * A session in a thread of its own: whatever it takes to open it, to run it and to free it, this thread goes on with other things. A run
 * costs some 50 µs more than it would here. Where the thread ends, its runs fail with {@link SessionEnded}, and the next one begins another,
 * at once or, where threads end one after the other, after a pause that grows; until then runs fail with {@link SessionEnded} too.
 */
export class SessionThread implements TensorSession {
  readonly #path: string;
  readonly #main: URL;
  readonly #onEnded: SessionThreadOptions['onEnded'];
  readonly #ends: ThreadEnds;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly #asked = new Map<number, Asked>();
  #last = 0;
  #worker: Worker | undefined;
  #closing = false;

  private constructor(path: string, options: SessionThreadOptions, worker: Worker, { inputs, outputs }: Specs) {
    this.#path = path;
    this.#main = options.main ?? usualMain;
    this.#onEnded = options.onEnded;
    this.#ends = new ThreadEnds(options.pauses ?? usualPauses);
    this.inputs = inputs;
    this.outputs = outputs;
    this.#follow(worker, performance.now());
  }

  /** Throws {@link DamagedServable} as `OnnxTensorSession` does. */
  static async open(path: string, options: SessionThreadOptions = {}): Promise<SessionThread> {
    const worker = begun(options.main ?? usualMain, path);
    const answer = await new Promise<FromSession>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
      worker.once('exit', () => reject(new SessionEnded('the thread of a model ended while it was opened')));
    });
    if ('inputs' in answer) return new SessionThread(path, options, worker, answer);
    throw new DamagedServable('damaged' in answer ? answer.damaged : 'the thread of a model answered something else');
  }

  get trouble(): string | undefined {
    return this.#worker === undefined ? this.#ends.pause() : undefined;
  }

  run(inputs: Tensors): Promise<Tensors> {
    const { trouble } = this;
    if (trouble !== undefined) return Promise.reject(new SessionEnded(trouble));
    return new Promise((resolve, reject) => {
      const [own, buffers] = ownTensors(inputs);
      const worker = this.#worker ?? this.#follow(begun(this.#main, this.#path));
      const run = (this.#last += 1);
      worker.postMessage({ run, inputs: own } satisfies ToSession, buffers);
      this.#asked.set(run, { resolve, reject });
      worker.ref();
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    // However it ends, it is ended: `once` of node:events would reject with what it ended of.
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    this.#closing = true;
    worker.ref();
    worker.postMessage({ close: true } satisfies ToSession);
    await ended;
  }

  /** `openMs`: since when its model is open, where it is. Until then it has not lived, however long it takes. */
  #follow(worker: Worker, openMs?: number): Worker {
    let fault: Error | undefined;
    worker.on('message', (answer: FromSession) => {
      // One that is begun anew first tells what is known, or why there is a model no more.
      if ('inputs' in answer) openMs = performance.now();
      else if ('damaged' in answer) fault = new DamagedServable(answer.damaged);
      else this.#answered(worker, answer);
    });
    worker.on('error', (error: Error) => (fault = error));
    worker.on('messageerror', (error: Error) => {
      fault = error;
      void worker.terminate();
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      const failure = new SessionEnded('the thread of the model ended', { cause: fault });
      if (!this.#closing) {
        const pauseMs = this.#ends.ended(openMs === undefined ? 0 : performance.now() - openMs);
        this.#onEnded?.(failure, pauseMs);
      }
      for (const { reject } of this.#asked.values()) reject(failure);
      this.#asked.clear();
    });
    // While it is idle it keeps no process alive.
    worker.unref();
    return (this.#worker = worker);
  }

  #answered(worker: Worker, answer: Extract<FromSession, { readonly run: number }>): void {
    const asked = this.#asked.get(answer.run);
    this.#asked.delete(answer.run);
    if (this.#asked.size === 0) worker.unref();
    if ('outputs' in answer) asked?.resolve(answer.outputs);
    else if ('failed' in answer) asked?.reject(new RunFailed(answer.failed, answer.of));
    else asked?.reject(new Error(`the thread of the model could not make a run: ${answer.fault}`));
  }
}

function begun(main: URL, path: string): Worker {
  return new Worker(main, {
    workerData: path,
    // What a process loads before its main is not for its threads.
    execArgv: process.execArgv.filter((argument) => /^--(conditions|disable-warning)=/.test(argument)),
    resourceLimits: { maxYoungGenerationSizeMb },
  });
}
