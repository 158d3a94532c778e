import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BadImage } from './decode-rgb.ts';
import { FairTurns } from './fair-turns.ts';
import type { ImageAnswer, ImageJob } from './image-worker.ts';

/** So many images of its caller wait already that another one is not taken. */
export class ImagePoolFull extends Error {
  override readonly name = 'ImagePoolFull';
}

export interface ImagePoolOptions {
  /** Threads, at most; each holds one decoded image. They begin with the first image. */
  readonly threads: number;
  /** Images of one caller that wait for a thread, at most. */
  readonly maxWaiting: number;
}

/** Whose an image is, and how many pixels it says that it has: callers have turns by that. */
export interface ImageTurn {
  readonly caller: string;
  readonly pixels: number;
}

/** Images that nobody in particular asked for. */
const nobody: ImageTurn = { caller: '', pixels: 1 };

interface Job extends ImageJob {
  readonly caller: string;
  readonly resolve: (pixels: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  job?: Job | undefined;
}

/**
 * Decodes images and brings them to a size off the event loop, in few threads: others' requests go on meanwhile. Callers share the threads
 * by pixels, however many images one sends, and of several threads one caller has all but one: what others send need not wait for the end
 * of images that are large.
 */
export class ImagePool {
  readonly #options: ImagePoolOptions;
  readonly #turns = new FairTurns<Job>();
  readonly #threads = new Set<Thread>();

  constructor(options: ImagePoolOptions) {
    this.#options = options;
  }

  /** Images that wait for a thread now. */
  get waiting(): number {
    return this.#turns.waiting;
  }

  /**
   * RGB bytes [size, size, 3] of an image, area-averaged as in training. The bytes are not to be changed meanwhile. Rejects with
   * {@link BadImage}, as `decodeRgb` does, and with {@link ImagePoolFull}.
   */
  resize(bytes: Uint8Array, size: number, { caller, pixels }: ImageTurn = nobody): Promise<Uint8Array> {
    const waiting = this.#turns.waitingOf(caller);
    if (waiting >= this.#options.maxWaiting)
      return Promise.reject(new ImagePoolFull(`${waiting} images of this caller wait to be decoded already`));
    return new Promise((resolve, reject) => {
      this.#turns.add(caller, pixels, { bytes, size, caller, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#turns.waiting === 0 && [...this.#threads].every(({ job }) => job === undefined)) this.#turns.rest();
    while (this.#turns.waiting > 0) {
      const thread = this.#idle() ?? (this.#threads.size < this.#options.threads ? this.#begin() : undefined);
      if (thread === undefined) return;
      const job = this.#turns.next((caller) => this.#mayWork(caller));
      if (job === undefined) return;
      thread.job = job;
      thread.worker.ref();
      thread.worker.postMessage({ bytes: job.bytes, size: job.size } satisfies ImageJob);
    }
  }

  #mayWork(caller: string): boolean {
    const most = Math.max(1, this.#options.threads - 1);
    let working = 0;
    for (const { job } of this.#threads) if (job?.caller === caller) working += 1;
    return working < most;
  }

  #idle(): Thread | undefined {
    for (const thread of this.#threads) if (thread.job === undefined) return thread;
    return undefined;
  }

  #begin(): Thread {
    // Sources have one extension and what is built of them another. What a process loads before its main is not for its threads.
    const worker = new Worker(new URL(`./image-worker${extname(import.meta.url)}`, import.meta.url), {
      execArgv: process.execArgv.filter((argument) => /^--(conditions|disable-warning)=/.test(argument)),
    });
    const thread: Thread = { worker };
    this.#threads.add(thread);
    let fault = new Error('the thread that decodes images ended');
    worker.on('message', (answer: ImageAnswer) => {
      const { job } = thread;
      thread.job = undefined;
      // While it is idle it keeps no process alive.
      worker.unref();
      if ('pixels' in answer) job?.resolve(answer.pixels);
      else job?.reject(answer.bad ? new BadImage(answer.error) : new Error(answer.error));
      this.#next();
    });
    worker.on('error', (error: Error) => (fault = error));
    worker.on('exit', () => {
      this.#threads.delete(thread);
      thread.job?.reject(fault);
      this.#next();
    });
    return thread;
  }
}

/** The pool of this process: as many threads as half of the processors, and two at least. */
export const sharedImagePool = new ImagePool({
  threads: Math.max(2, Math.floor(availableParallelism() / 2)),
  maxWaiting: 1024,
});
