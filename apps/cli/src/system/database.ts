import { type RunningPostgres, startPostgres } from '@adstocrat/postgres';
import { ExitError } from '../exit-error.ts';
import { RestartPause } from './restart-pause.ts';

export interface DatabaseOptions {
  readonly dataDir: string;
  readonly logFile: string;
  /** Told when it ended unasked, with how, and when it cannot be started again, with why. */
  readonly onRestart: (name: string, reason: string) => void;
}

/** The home's PostgreSQL, started again on the same port and data whenever it ends unasked. */
export class Database {
  readonly #options: DatabaseOptions;
  readonly #pause = new RestartPause();
  #server: RunningPostgres;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;

  private constructor(options: DatabaseOptions, server: RunningPostgres) {
    this.#options = options;
    this.#server = server;
    this.#follow(server);
  }

  /** Throws {@link ExitError} with the server's own words where it does not start. */
  static async start(options: DatabaseOptions): Promise<Database> {
    const { dataDir, logFile } = options;
    try {
      return new Database(options, await startPostgres({ dataDir, logFile }));
    } catch (error) {
      throw new ExitError(1, (error as Error).message, { cause: error });
    }
  }

  get url(): string {
    return this.#server.url;
  }

  get pid(): number {
    return this.#server.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#starting;
    await this.#server.stop();
  }

  #follow(server: RunningPostgres): void {
    const startedAt = Date.now();
    void server.ended.then((how) => {
      if (!this.#stopping) this.#startAgain(how, Date.now() - startedAt);
    });
  }

  #startAgain(why: string, ranMs: number): void {
    this.#options.onRestart('PostgreSQL', why);
    this.#timer = setTimeout(() => {
      this.#starting = this.#start();
    }, this.#pause.after(ranMs));
  }

  async #start(): Promise<void> {
    const { dataDir, logFile } = this.#options;
    try {
      this.#server = await startPostgres({ dataDir, logFile, port: this.#server.port });
      this.#follow(this.#server);
    } catch (error) {
      if (!this.#stopping) this.#startAgain((error as Error).message, 0);
    }
  }
}
