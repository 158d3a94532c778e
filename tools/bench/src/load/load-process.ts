import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** What the two sides tell each other: the process that it is ready, and has ended what it was told to end. */
type Word = 'ready' | 'begin' | 'end' | 'ended';

/** Wall milliseconds that a load is let settle before anything is measured beside it. */
const settleMs = 1000;

/**
 * A load from a process of its own, which begins and ends when it is told: the same process for all windows of a benchmark, since one that
 * is new compiles itself for seconds, on the processors of what is measured.
 */
export class LoadProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** `script`: one that calls {@link loadWhenTold}. */
  static async start(script: string, args: readonly string[]): Promise<LoadProcess> {
    const child = fork(script, args, { execArgv: ['--conditions=@adstocrat/source'] });
    const started = new LoadProcess(child);
    await started.#hears('ready');
    return started;
  }

  /** Runs beside the load. */
  async during<T>(run: () => Promise<T>): Promise<T> {
    this.#child.send('begin' satisfies Word);
    await sleep(settleMs);
    try {
      return await run();
    } finally {
      this.#child.send('end' satisfies Word);
      await this.#hears('ended');
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async #hears(word: Word): Promise<void> {
    const heard = new AbortController();
    const { signal } = heard;
    const [said] = (await Promise.race([
      once(this.#child, 'message', { signal }),
      once(this.#child, 'exit', { signal }),
    ])) as unknown[];
    heard.abort();
    if (said !== word) throw new Error(`the process of a load ended, or said ${String(said)} for "${word}"`);
  }
}

/** The main of such a process. `load` resolves once the signal has aborted and what it asked was answered. */
export function loadWhenTold(load: (ended: AbortSignal) => Promise<void>): void {
  let end: (() => void) | undefined;
  process.on('message', (word: Word) => {
    if (word === 'end') {
      end?.();
      return;
    }
    const ending = new AbortController();
    end = () => ending.abort();
    void load(ending.signal).then(() => process.send?.('ended' satisfies Word));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready' satisfies Word);
}
