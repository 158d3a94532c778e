import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BadImage } from './decode-rgb.ts';
import type { ImageAnswer, ImageJob } from './image-worker.ts';

/** So many images wait already that another one is not taken. */
export class ImagePoolFull extends Error {
  override readonly name = 'ImagePoolFull';
}

export interface ImagePoolOptions {
  /** Threads, at most; each holds one decoded image. They begin with the first image. */
  readonly threads: number;
  /** Images that wait for a thread, at most. */
  readonly maxWaiting: number;
}

interface Job extends ImageJob {
  readonly resolve: (pixels: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  job?: Job | undefined;
}

/** Decodes images and brings them to a size off the event loop, in few threads: others' requests go on meanwhile. */
export class ImagePool {
  readonly #options: ImagePoolOptions;
  readonly #waiting: Job[] = [];
  readonly #threads = new Set<Thread>();

  constructor(options: ImagePoolOptions) {
    this.#options = options;
  }

  /** Images that wait for a thread now. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * RGB bytes [size, size, 3] of an image, area-averaged as in training. The bytes are not to be changed meanwhile. Rejects with
   * {@link BadImage}, as `decodeRgb` does, and with {@link ImagePoolFull}.
   */
  resize(bytes: Uint8Array, size: number): Promise<Uint8Array> {
    if (this.#waiting.length >= this.#options.maxWaiting)
      return Promise.reject(new ImagePoolFull(`${this.#waiting.length} images wait to be decoded already`));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, size, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const thread = this.#idle() ?? (this.#threads.size < this.#options.threads ? this.#begin() : undefined);
    if (thread === undefined) return;
    const job = (thread.job = this.#waiting.shift() as Job);
    thread.worker.ref();
    thread.worker.postMessage({ bytes: job.bytes, size: job.size } satisfies ImageJob);
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

/** The pool of this process: as many threads as half of the processors. */
export const sharedImagePool = new ImagePool({
  threads: Math.max(1, Math.floor(availableParallelism() / 2)),
  maxWaiting: 1024,
});
