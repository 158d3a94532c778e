import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** A service ends by itself within 4 s or is killed with its process group; a database is asked to shut down after the services. */
export type WatchedKind = 'service' | 'database';

/**
 * Ends what this process started once this process is gone, also where it had no time to: after SIGKILL. A shell does it, which
 * reads a pipe that this process alone writes to.
 */
class Watchdog {
  readonly #watched = new Map<number, WatchedKind>();
  #shell: ChildProcess | undefined;

  /** A service must lead its own process group. */
  watch(pid: number | undefined, kind: WatchedKind): void {
    if (pid === undefined) return;
    this.#watched.set(pid, kind);
    if (this.#shell === undefined) this.#start();
    else this.#tell(`watch ${pid} ${kind}`);
  }

  /** To be told as soon as it has ended. */
  forget(pid: number | undefined): void {
    if (pid !== undefined && this.#watched.delete(pid)) this.#tell(`forget ${pid}`);
  }

  #start(): void {
    // What is watched by now goes along with its start: this process may be killed before it can say another word.
    const watched = [...this.#watched].flatMap(([pid, kind]) => [String(pid), kind]);
    const shell = spawn('/bin/sh', [resolve(import.meta.dirname, 'watchdog.sh'), ...watched], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
    });
    this.#shell = shell;
    // One that is killed is replaced.
    shell.once('exit', () => {
      this.#shell = undefined;
      if (this.#watched.size > 0) this.#start();
    });
    shell.once('error', () => undefined);
    shell.stdin.on('error', () => undefined);
    shell.unref();
    (shell.stdin as unknown as { unref(): void }).unref();
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(`${line}\n`);
  }
}

/** The one of this process. */
export const watchdog = new Watchdog();
