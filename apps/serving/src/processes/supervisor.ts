import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '@adstocrat/service-kit';
import type { Logger } from '@adstocrat/service-kit/telemetry';
import type { VersionStatistics } from '../open-inference/model-statistics.ts';
import { KnownStatistics } from './known-statistics.ts';
import { inTurn } from './in-turn.ts';
import { Lanes } from './lanes.ts';
import { handDown, processFolder } from './process-folders.ts';
import type { Question } from './process-messages.ts';
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
  /** Models that a request has taken out of service. */
  readonly #unloaded = new Set<string>();
  readonly #statistics = new KnownStatistics<ServingProcess>();
  /** Loads and unloads, by model. */
  readonly #steering = new Lanes();
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
      // What was taken out of service stays so in a process that comes later.
      UNLOADED_MODELS: JSON.stringify([...this.#unloaded]),
    };
    // At once, so that what a process counted is at any time either its own or among what is gone.
    const onEnded = (): void => {
      this.#members.delete(member);
      this.#statistics.ended(member);
    };
    const member = new ServingProcess(number, environment, { graceMs: this.#graceMs, onEnded });
    this.#members.add(member);
    member.onQuestion((question, withinMs) => this.#askAll(question, withinMs));
    return member;
  }

  /**
   * What each process answers that has not ended. Of a model's loads and unloads one is done at a time, so that all have the same one last;
   * a load that an unload comes after is given up, here and then in each process that hears of the unload. Rejects where too many wait.
   */
  #askAll(question: Question, withinMs: number): Promise<readonly unknown[]> {
    const untilMs = performance.now() + withinMs;
    const ask = async (): Promise<readonly unknown[]> => {
      if (question.about === 'load') this.#unloaded.delete(question.model);
      const members = [...this.#members];
      const answers = await Promise.all(members.map((one) => one.ask(question, untilMs)));
      if (question.about === 'unload' && answers.includes(true)) {
        this.#unloaded.add(question.model);
        const about = { about: 'keep-out', model: question.model } as const;
        // Those that do not know the model yet, that did not answer in time, and that were begun meanwhile.
        for (const one of this.#members) if (!members.includes(one)) members.push(one);
        const kept = members.map((one, at) => (answers[at] === true ? Promise.resolve(true) : one.ask(about)));
        answers.splice(0, Infinity, ...(await Promise.all(kept)));
      }
      // One that ended meanwhile answers nobody any more.
      return answers.filter((answer, at) => answer !== undefined || members[at]?.hasEnded === false);
    };
    if (question.about === 'statistics') return this.#askStatistics();
    if (question.about !== 'load' && question.about !== 'unload') return ask();
    return this.#steering.run(question.model, inTurn(question.about, question.model, withinMs), ask);
  }

  /** Of each process, and of those that have ended: what it said last where it does not answer now, null where it never did. */
  async #askStatistics(): Promise<readonly unknown[]> {
    // One that does not listen yet has counted nothing.
    const asked = [...this.#members].filter((one) => one.isListening);
    await Promise.all(
      asked.map(async (one) => {
        const counts = await one.ask({ about: 'statistics' });
        if (counts !== undefined && !one.hasEnded)
          this.#statistics.answered(one, counts as readonly VersionStatistics[]);
      }),
    );
    // In one go, once all have answered: one that ended meanwhile is among those that are gone, and only there.
    const told = [...this.#members].map((one) => this.#statistics.lastOf(one) ?? (asked.includes(one) ? null : []));
    return [...told, this.#statistics.ofGone()];
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
