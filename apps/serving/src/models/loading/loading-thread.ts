import { extname } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { WantedVersion } from '../fetch-servable.ts';
import type { Brought, LoadingAnswer, LoadingJob } from './loading-job.ts';
import { errorOf } from './told-error.ts';

// Sources have one extension and what is built of them another.
const usualMain = new URL(`./loading-worker${extname(import.meta.url)}`, import.meta.url);

interface Waiting {
  readonly job: LoadingJob;
  readonly resolve: (answer: LoadingAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Of the thread, in MiB: by itself it takes ever more before it collects what loading leaves, and memory that was taken stays taken. */
const maxYoungGenerationSizeMb = 8;

/**
 * Does what takes long about versions in a thread of its own, one thing at a time, while this one answers requests: fetches and checks
 * them, and removes what is no longer served. The thread begins with the first version and stays; where it ends, what it was at fails, and
 * what comes next begins another.
 */
export class LoadingThread {
  readonly #main: URL;
  readonly #heapMb: number | undefined;
  #worker: Worker | undefined;
  /** The first one is under way. */
  readonly #waiting: Waiting[] = [];

  /** `heapMb`: most that the thread's objects may take, in MiB; as Node has it where it is left out. Binary files lie outside of them. */
  constructor({ main = usualMain, heapMb }: { readonly main?: URL; readonly heapMb?: number } = {}) {
    this.#main = main;
    this.#heapMb = heapMb;
  }

  /**
   * Brings a version here and checks it. Rejects with what kept it from that, whose class is lost; and with the reason of `unwanted` as
   * soon as that aborts: what has begun then goes on for nobody, and leaves its files.
   */
  async bring(version: Omit<LoadingJob & { readonly do: 'bring' }, 'do'>, unwanted?: AbortSignal): Promise<Brought> {
    const answer = await this.#ask({ do: 'bring', ...version }, unwanted);
    if ('brought' in answer) return answer.brought;
    throw failureOf(answer);
  }

  /** Removes a model's folders but for those of these versions. */
  async keepOnly(workDir: string, model: string, wanted: readonly WantedVersion[]): Promise<void> {
    const answer = await this.#ask({ do: 'keep', workDir, model, wanted });
    if (!('kept' in answer)) throw failureOf(answer);
  }

  /** Whether it is at a version of the model now. */
  isBringing(model: string): boolean {
    const job = this.#waiting[0]?.job;
    return job?.do === 'bring' && job.model === model;
  }

  #ask(job: LoadingJob, unwanted?: AbortSignal): Promise<LoadingAnswer> {
    unwanted?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<LoadingAnswer>();
    const waiting = { job, resolve, reject };
    const giveUp = (): void => {
      const at = this.#waiting.indexOf(waiting);
      // The first one's answer is yet to come.
      if (at > 0) this.#waiting.splice(at, 1);
      reject(unwanted?.reason as Error);
    };
    this.#waiting.push(waiting);
    unwanted?.addEventListener('abort', giveUp);
    if (this.#waiting.length === 1) this.#next();
    return promise.finally(() => unwanted?.removeEventListener('abort', giveUp));
  }

  #outOfMemory(cause: Error): Error {
    const limitMb = this.#heapMb ?? getHeapStatistics().heap_size_limit >>> 20;
    return new Error(
      `its vocabularies and tables have no room in ${limitMb} MiB: start the server with node --max-old-space-size above that`,
      { cause },
    );
  }

  #next(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const worker = (this.#worker ??= this.#begin());
    worker.ref();
    worker.postMessage(first.job);
  }

  #begin(): Worker {
    // What a process loads before its main is not for its threads.
    const worker = new Worker(this.#main, {
      execArgv: process.execArgv.filter((argument) => /^--(conditions|disable-warning)=/.test(argument)),
      resourceLimits: {
        maxYoungGenerationSizeMb,
        ...(this.#heapMb !== undefined && { maxOldGenerationSizeMb: this.#heapMb }),
      },
    });
    let fault = new Error('the thread that loads models ended');
    worker.on('message', (answer: LoadingAnswer) => {
      // While it is idle it keeps no process alive.
      worker.unref();
      this.#waiting.shift()?.resolve(answer);
      this.#next();
    });
    worker.on(
      'error',
      (error: NodeJS.ErrnoException) => (fault = isOutOfMemory(error) ? this.#outOfMemory(error) : error),
    );
    // An answer that cannot be read, as where there is no memory for it, is none.
    worker.on('messageerror', (error: Error) => {
      fault = error;
      void worker.terminate();
    });
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#waiting.shift()?.reject(fault);
      this.#next();
    });
    return worker;
  }
}

function isOutOfMemory({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function failureOf(answer: LoadingAnswer): Error {
  return 'failed' in answer
    ? errorOf(answer.failed)
    : new Error('the thread that loads models answered something else');
}
