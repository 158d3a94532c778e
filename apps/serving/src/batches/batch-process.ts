import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { Batches } from './batches.ts';

/** Wall milliseconds between two looks at whether there is a batch, and at how busy this process is. */
const lookMs = 2000;
const busyLookMs = 250;
/** Share of its time that the event loop works, above which batches wait. */
const busyShare = 0.5;
/** Looks in a row that find no batch before its process ends. */
const idleLooks = 15;

/** What this process tells the one that works on batches. */
export interface ToBatchProcess {
  readonly serving: 'busy' | 'quiet';
}

export interface BatchProcessOptions {
  readonly batches: Batches;
  /** Of the process: a folder in this one's. */
  readonly workDir: string;
  /** Wall milliseconds that it has to stop. */
  readonly graceMs: number;
  readonly logger: Logger;
}

/**
 * A process of this server's that works on batches, while there are any. It has the least priority, and waits while this one is busy
 * answering: neither the reading of large files nor the scoring of many rows is done where requests are answered.
 */
export class BatchProcess implements Resource {
  readonly name = 'batches';
  readonly #options: BatchProcessOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;

  constructor(options: BatchProcessOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    void this.#run();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    // A look that the database hangs in is not waited for: it begins nothing any more.
    this.#stopping.abort();
    await this.#end();
  }

  async #run(): Promise<void> {
    const { batches, logger } = this.#options;
    const { signal } = this.#stopping;
    let idle = 0;
    let away = false;
    while (!signal.aborted) {
      try {
        idle = (await batches.anyWork()) ? 0 : idle + 1;
        away = false;
        if (idle === 0 && this.#child === undefined && !signal.aborted) this.#begin();
        if (idle >= idleLooks) await this.#end();
      } catch (error) {
        if (!away && !signal.aborted)
          logger.info({ reason: (error as Error).message }, 'batches wait for the database');
        away = true;
      }
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #begin(): void {
    const { workDir, logger } = this.#options;
    const main = join(import.meta.dirname, `../main${extname(import.meta.filename)}`);
    const child = spawn(process.execPath, ['--conditions=@adstocrat/source', ...preloaded(), main], {
      // The IPC channel's end tells it that this process is gone.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, BATCHES: 'alone', SERVING_PROCESSES: '0', WORK_DIR: workDir },
    });
    this.#child = child;
    child.on('error', (error) => logger.error({ err: error }, 'the process of batches cannot be begun'));
    const telling = tellBusy(child);
    child.once('close', (code, signal) => {
      clearInterval(telling);
      this.#child = undefined;
      if (code !== 0)
        logger.warn({ code, signal }, 'the process of batches ended: another is begun while there are any');
    });
    // Before it has threads, which would keep the priority that they began with. It may have ended already.
    if (child.pid !== undefined && child.exitCode === null) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    logger.info({ process: child.pid }, 'there are batches: a process of their own works on them');
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), this.#options.graceMs);
    await ended;
    clearTimeout(force);
  }
}

/** What of this process's modules come first: telemetry. */
function preloaded(): readonly string[] {
  return process.execArgv.filter((argument) => argument.startsWith('--import='));
}

/** Tells the process, whenever it changes, whether this one is busy. */
function tellBusy(child: ChildProcess): NodeJS.Timeout {
  let last = performance.eventLoopUtilization();
  let told = false;
  return setInterval(() => {
    const now = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(now, last).utilization > busyShare;
    last = now;
    if (busy === told || !child.connected) return;
    told = busy;
    const message: ToBatchProcess = { serving: busy ? 'busy' : 'quiet' };
    child.send(message, () => undefined);
  }, busyLookMs).unref();
}
