import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BadImage } from './decode-rgb.ts';
import { FairTurns, type Waiting } from './fair-turns.ts';
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

/** How an image is asked for. */
export interface ImageAsk {
  /** Absent: nobody's in particular. */
  readonly turn?: ImageTurn;
  /** Images of one name have the same bytes: those that are in progress at once are decoded once. */
  readonly name?: string;
  /** Aborts when nobody needs the image any more: while it waits it is left out then, and rejected with the signal's reason. */
  readonly signal?: AbortSignal;
}

const nobody: ImageTurn = { caller: '', pixels: 1 };

interface Asked {
  readonly caller: string;
  readonly resolve: (pixels: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** An image that waits has a turn of each caller who asked for it: whichever comes first is for all. */
interface Turn {
  readonly caller: string;
  readonly job: Job;
}

interface Job extends ImageJob {
  readonly name: string | undefined;
  readonly asked: Set<Asked>;
  readonly turns: Map<string, Waiting<Turn>>;
}

interface Thread {
  readonly worker: Worker;
  turn?: Turn | undefined;
}

/**
 * Decodes images and brings them to a size off the event loop, in few threads: others' requests go on meanwhile. Callers share the threads
 * by pixels, however many images one sends, and of several threads one caller has all but one: what others send need not wait for the end
 * of images that are large.
 */
export class ImagePool {
  readonly #options: ImagePoolOptions;
  readonly #turns = new FairTurns<Turn>();
  /** In progress, by name and size. */
  readonly #named = new Map<string, Job>();
  readonly #threads = new Set<Thread>();

  constructor(options: ImagePoolOptions) {
    this.#options = options;
  }

  /** Turns of images that wait for a thread now. */
  get waiting(): number {
    return this.#turns.waiting;
  }

  /**
   * RGB bytes [size, size, 3] of an image, area-averaged as in training. The bytes are not to be changed meanwhile, and the answer never:
   * others may have it too. Rejects with {@link BadImage}, as `decodeRgb` does, and with {@link ImagePoolFull}.
   */
  resize(bytes: Uint8Array, size: number, { turn = nobody, name, signal }: ImageAsk = {}): Promise<Uint8Array> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const { caller, pixels } = turn;
    const key = name === undefined ? undefined : `${size} ${name}`;
    const job = (key === undefined ? undefined : this.#named.get(key)) ?? {
      bytes,
      size,
      name: key,
      asked: new Set(),
      turns: new Map(),
    };
    if (!this.#isBegun(job) && !job.turns.has(caller)) {
      const waiting = this.#turns.waitingOf(caller);
      if (waiting >= this.#options.maxWaiting)
        return Promise.reject(new ImagePoolFull(`${waiting} images of this caller wait to be decoded already`));
      job.turns.set(caller, this.#turns.add(caller, pixels, { caller, job }));
    }
    if (key !== undefined) this.#named.set(key, job);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const asked = { caller, resolve, reject };
    job.asked.add(asked);
    if (signal !== undefined) {
      const leave = (): void => this.#leave(job, asked, signal.reason);
      signal.addEventListener('abort', leave);
      const over = (): void => signal.removeEventListener('abort', leave);
      promise.then(over, over);
    }
    this.#next();
    return promise;
  }

  /** Somebody needs an image no more. What is being decoded is decoded to its end. */
  #leave(job: Job, asked: Asked, reason: unknown): void {
    if (this.#isBegun(job) || !job.asked.delete(asked)) return;
    asked.reject(reason);
    const { caller } = asked;
    if ([...job.asked].some((other) => other.caller === caller)) return;
    this.#drop(job, caller);
    if (job.asked.size === 0) this.#forget(job);
  }

  #drop(job: Job, caller: string): void {
    const turn = job.turns.get(caller);
    if (turn !== undefined) this.#turns.remove(turn);
    job.turns.delete(caller);
  }

  #forget({ name }: Job): void {
    if (name !== undefined) this.#named.delete(name);
  }

  #isBegun(job: Job): boolean {
    for (const { turn } of this.#threads) if (turn?.job === job) return true;
    return false;
  }

  #next(): void {
    if (this.#turns.waiting === 0 && [...this.#threads].every(({ turn }) => turn === undefined)) this.#turns.rest();
    while (this.#turns.waiting > 0) {
      const thread = this.#idle() ?? (this.#threads.size < this.#options.threads ? this.#begin() : undefined);
      if (thread === undefined) return;
      const turn = this.#turns.next((caller) => this.#mayWork(caller));
      if (turn === undefined) return;
      const { job } = turn;
      thread.turn = turn;
      for (const caller of [...job.turns.keys()]) this.#drop(job, caller);
      thread.worker.ref();
      thread.worker.postMessage({ bytes: job.bytes, size: job.size } satisfies ImageJob);
    }
  }

  #mayWork(caller: string): boolean {
    const most = Math.max(1, this.#options.threads - 1);
    let working = 0;
    for (const { turn } of this.#threads) if (turn?.caller === caller) working += 1;
    return working < most;
  }

  /** What a thread was at is over. */
  #end(thread: Thread, tell: (asked: Asked) => void): void {
    const job = thread.turn?.job;
    thread.turn = undefined;
    if (job === undefined) return;
    this.#forget(job);
    for (const asked of job.asked) tell(asked);
  }

  #idle(): Thread | undefined {
    for (const thread of this.#threads) if (thread.turn === undefined) return thread;
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
      // While it is idle it keeps no process alive.
      worker.unref();
      this.#end(thread, ({ resolve, reject }) => {
        if ('pixels' in answer) resolve(answer.pixels);
        else reject(answer.bad ? new BadImage(answer.error) : new Error(answer.error));
      });
      this.#next();
    });
    worker.on('error', (error: Error) => (fault = error));
    worker.on('exit', () => {
      this.#threads.delete(thread);
      this.#end(thread, ({ reject }) => reject(fault));
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
