import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ImageAnswer, type ImageDecoder, type ImageJob, pixelsOf } from './image-decoder.ts';
import { moduleArguments } from './module-arguments.ts';

/** An image on its way to the process; its answer has the same number. */
export interface NumberedJob extends ImageJob {
  readonly number: number;
}

export interface NumberedAnswer {
  readonly number: number;
  readonly answer: ImageAnswer;
}

export interface DecodingProcessOptions {
  /** As `os.setPriority` has it. */
  readonly priority?: number;
  /** Whether it has what nobody else wants of a processor, where the system has `chrt` for that. On a machine without idle time it has nothing. */
  readonly onlyIdle?: boolean;
  /** Wall milliseconds without an image after which it ends. */
  readonly idleMs?: number;
  /** Wall milliseconds from where one began that died to where the next does, at least. */
  readonly restartMs?: number;
}

interface Running {
  readonly child: ChildProcess;
  readonly asked: Map<number, PromiseWithResolvers<ImageAnswer>>;
}

/** What a program may need that its parent was told, and nothing of what is secret. */
const passedOn =
  /^(PATH|LD_LIBRARY_PATH|LD_PRELOAD|DYLD_.*|TMPDIR|TEMP|TMP|SYSTEMROOT|MALLOC_.*|VIPS_.*|UV_THREADPOOL_SIZE)$/i;

/**
 * Decodes in a process of low priority, several images at once: what else the machine does comes first. It begins with the first image and
 * ends when none came for a while, or its parent is gone. Where it dies, the images in it fail, and what comes next begins another.
 */
export class DecodingProcess implements ImageDecoder {
  readonly lowPriority = true;
  readonly #priority: number;
  readonly #onlyIdle: boolean;
  readonly #idleMs: number;
  readonly #restartMs: number;
  #running: Running | undefined;
  #idle: NodeJS.Timeout | undefined;
  #notBeforeMs = 0;
  #number = 0;

  constructor(options: DecodingProcessOptions = {}) {
    this.#priority = options.priority ?? constants.priority.PRIORITY_BELOW_NORMAL;
    this.#onlyIdle = options.onlyIdle ?? false;
    this.#idleMs = options.idleMs ?? 60_000;
    this.#restartMs = options.restartMs ?? 1000;
  }

  /** Undefined where it is not running. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  async resize({ bytes, size }: ImageJob): Promise<Uint8Array> {
    // One that dies of every image is not begun at once for each.
    while (this.#running === undefined && this.#notBeforeMs > performance.now())
      await sleep(this.#notBeforeMs - performance.now());
    const { child, asked } = (this.#running ??= this.#begin());
    clearTimeout(this.#idle);
    const number = (this.#number += 1);
    const { promise, resolve, reject } = Promise.withResolvers<ImageAnswer>();
    asked.set(number, { promise, resolve, reject });
    hold(child);
    // Where it cannot be told it has ended, or could not begin: that rejects.
    if (child.connected) child.send({ number, bytes, size } satisfies NumberedJob, () => undefined);
    return pixelsOf(await promise);
  }

  #begin(): Running {
    const begunMs = performance.now();
    const main = fileURLToPath(new URL(`./decoding-main${extname(import.meta.url)}`, import.meta.url));
    const child = fork(main, [String(this.#priority), ...(this.#onlyIdle ? ['only-idle'] : [])], {
      execArgv: moduleArguments(),
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name))),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    // Its beginning too; it sees to the rest itself.
    lower(child, this.#priority);
    const running: Running = { child, asked: new Map() };
    const { asked } = running;
    child.on('message', (message) => {
      const { number, answer } = message as NumberedAnswer;
      asked.get(number)?.resolve(answer);
      asked.delete(number);
      if (asked.size === 0) this.#rest(running);
    });
    const ended = (how: string): void => {
      if (this.#running === running) {
        this.#running = undefined;
        clearTimeout(this.#idle);
        this.#notBeforeMs = begunMs + this.#restartMs;
      }
      for (const { reject } of asked.values())
        reject(new Error(`the process that decodes large images ended (${how})`));
      asked.clear();
    };
    child.on('exit', (code, signal) => ended(signal ?? `exit ${code}`));
    child.on('error', (error) => ended(error.message));
    // One that hears nothing any more is of no use.
    child.on('disconnect', () => child.kill('SIGKILL'));
    return running;
  }

  /** No image is in it. */
  #rest(running: Running): void {
    letGo(running.child);
    this.#idle = setTimeout(() => {
      this.#running = undefined;
      if (running.child.connected) running.child.disconnect();
    }, this.#idleMs).unref();
  }
}

function lower({ pid }: ChildProcess, priority: number): void {
  try {
    if (pid !== undefined) setPriority(pid, priority);
  } catch {
    // It has ended, or what priority it may have.
  }
}

/** While images are in it the parent stays. */
function hold(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}

function letGo(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}
