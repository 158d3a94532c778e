import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningPostgres, startPostgres } from '@adstocrat/postgres';
import { signalTree } from './process-tree.ts';

/** How a database goes away: as by `pg_ctl stop -m fast`, as in a crash, or by hanging with its connections open. */
export type DatabaseOutage = 'stop' | 'kill' | 'freeze';

/** The campaign's PostgreSQL, which can go away and come back on the same port with the same data. */
export class Database {
  readonly #folder: { readonly dataDir: string; readonly logFile: string };
  #server: RunningPostgres;

  private constructor(folder: { readonly dataDir: string; readonly logFile: string }, server: RunningPostgres) {
    this.#folder = folder;
    this.#server = server;
  }

  static async start(folder: { readonly dataDir: string; readonly logFile: string }): Promise<Database> {
    return new Database(folder, await startPostgres(folder));
  }

  get url(): string {
    return this.#server.url;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** Is away for so many wall milliseconds; resolves once it answers again. */
  async away(how: DatabaseOutage, ms: number): Promise<void> {
    if (how === 'freeze') {
      signalTree(this.pid, 'SIGSTOP');
      await sleep(ms);
      signalTree(this.pid, 'SIGCONT');
      return;
    }
    await (how === 'kill' ? this.#server.kill() : this.#server.stop());
    await sleep(ms);
    this.#server = await startPostgres({ ...this.#folder, port: this.#server.port });
  }

  async stop(): Promise<void> {
    signalTree(this.pid, 'SIGCONT');
    await this.#server.stop();
  }
}
