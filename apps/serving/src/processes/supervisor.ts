import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import { handDown, processFolder } from './process-folders.ts';
import { ServingProcess } from './serving-process.ts';

/** Wall milliseconds within which a new process must be ready before the old one is told to go. */
const readyWithinMs = 120_000;
/** Wall milliseconds before one that ended is begun again: the first, and the longest where it ends again and again. */
const [firstPauseMs, longestPauseMs] = [100, 5000];
/** One that lived so long, wall milliseconds, is begun again as if it had not ended before. */
const steadyMs = 10_000;
/** Share of the whole grace that a process has: what is left is for the supervisor to see its end. */
const graceShare = 0.65;

/**
 * Several processes behind the same ports. The listening sockets are this process's, which accepts nothing: the processes accept
 * from them as they can, and a connection that none has accepted waits for any of them, also when one is killed. One that ends is
 * begun again. SIGHUP replaces each by a new one, which is ready before the old one is told to go.
 */
export class Supervisor implements Resource {
  readonly name = 'processes';
  readonly #workDir: string;
  readonly #count: number;
  readonly #graceMs: number;
  readonly #logger: Logger;
  readonly #members = new Set<ServingProcess>();
  /** Those whose successor is on its way: their end begins no other. */
  readonly #replacing = new Set<ServingProcess>();
  readonly #stopping = new AbortController();
  #rolling: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly workDir: string;
    readonly count: number;
    /** Of the whole server, wall milliseconds. */
    readonly graceMs: number;
    readonly logger: Logger;
  }) {
    this.#workDir = options.workDir;
    this.#count = options.count;
    this.#graceMs = Math.floor(options.graceMs * graceShare);
    this.#logger = options.logger;
    // A supervisor that accepts and hands over loses what it handed to one that is just ending, see decision 0025.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
  }

  /** Resolves once all listen. Throws where one ends before. */
  async start(): Promise<void> {
    handDown(this.#workDir);
    process.on('SIGHUP', this.#onHangUp);
    const first = Array.from({ length: this.#count }, () => this.#begin());
    await Promise.all(
      first.map(async (member) => {
        const how = await Promise.race([member.listens, member.ended]);
        if (how !== undefined) throw new Error(`process ${member.number} ended (${how}) before it listened`);
        void this.#watch(member);
      }),
    );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    process.off('SIGHUP', this.#onHangUp);
    await Promise.all([...this.#members].map((member) => member.stop()));
  }

  readonly #onHangUp = (): void => {
    this.#rolling = this.#rolling.then(() => this.#roll());
  };

  /** Begins a process in the first work folder that none has. */
  #begin(): ServingProcess {
    const taken = new Set([...this.#members].map(({ number }) => number));
    let number = 1;
    while (taken.has(number)) number += 1;
    const environment = {
      WORK_DIR: processFolder(this.#workDir, number),
      SHUTDOWN_GRACE_MS: String(this.#graceMs),
    };
    const member = new ServingProcess(number, environment, this.#graceMs);
    this.#members.add(member);
    member.onCounts(async () => {
      const texts = await Promise.all([...this.#members].map((one) => one.counts()));
      return texts.filter((text) => text !== undefined);
    });
    void member.ended.then(() => this.#members.delete(member));
    return member;
  }

  /** Begins another once this one ends without having been told to. */
  async #watch(member: ServingProcess, pauseMs = firstPauseMs): Promise<void> {
    const how = await member.ended;
    if (this.#stopping.signal.aborted || this.#replacing.has(member)) return;
    this.#logger.error({ process: member.number, pid: member.pid, how }, 'a process ended, another is begun');
    const steady = performance.now() - member.begunMs > steadyMs;
    const nextMs = steady ? firstPauseMs : pauseMs;
    await sleep(nextMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    if (this.#stopping.signal.aborted) return;
    void this.#watch(this.#begin(), Math.min(longestPauseMs, nextMs * 2));
  }

  async #roll(): Promise<void> {
    this.#logger.info('each process is replaced by a new one');
    for (const member of [...this.#members]) {
      if (this.#stopping.signal.aborted) return;
      // One that ended meanwhile has a new one in its place.
      if (!member.hasEnded && !(await this.#replace(member))) return;
    }
    this.#logger.info('every process is a new one');
  }

  /** False where the new process is not ready in time: the old one stays. */
  async #replace(old: ServingProcess): Promise<boolean> {
    this.#replacing.add(old);
    const fresh = this.#begin();
    const ready = await this.#isReady(fresh);
    if (this.#stopping.signal.aborted) return false;
    if (ready) {
      void this.#watch(fresh);
      await old.retire();
      this.#replacing.delete(old);
      return true;
    }
    this.#logger.error({ process: fresh.number }, 'the new process is not ready, the old ones stay');
    await fresh.stop();
    this.#replacing.delete(old);
    // It may have ended meanwhile, and none has come in its place.
    if (old.hasEnded) void this.#watch(old);
    return false;
  }

  async #isReady(fresh: ServingProcess): Promise<boolean> {
    const waited = new AbortController();
    try {
      return await Promise.race([
        fresh.ready.then(() => true),
        fresh.ended.then(() => false),
        sleep(readyWithinMs, false, { signal: AbortSignal.any([waited.signal, this.#stopping.signal]) }).catch(
          () => false,
        ),
      ]);
    } finally {
      waited.abort();
    }
  }
}
