import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { writeTestServable } from '@adstocrat/inference/testing';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { type RunningPostgres, startPostgres } from '@adstocrat/postgres';

const main = resolve(import.meta.dirname, '../../../apps/serving/src/main.ts');

/** A serving process. */
export interface ServingProcess {
  /** Of its gRPC, host:port. */
  readonly address: string;
  /** Of its REST, host:port. */
  readonly restAddress: string;
  readonly pid: number;
  /** User plus system time so far, seconds. */
  cpuS(): number;
  stop(): Promise<void>;
}

/** A model of 20 columns in service, with PostgreSQL beside it, and servers of it. */
export class ServedModel {
  static readonly columns = Array.from({ length: 16 }, (_, index) => `column_${index}`);
  readonly #folder: string;
  readonly #postgres: RunningPostgres;
  readonly #servers: ServingProcess[] = [];

  private constructor(folder: string, postgres: RunningPostgres) {
    this.#folder = folder;
    this.#postgres = postgres;
  }

  /** `write`: another version 1 of the model "ads" than the usual one; returns its manifest's digest. */
  static async open(
    write: (folder: string) => Promise<{ readonly digest: string }> = (to) =>
      writeTestServable(to, { version: 1, bias: -3, moreColumns: ServedModel.columns }),
  ): Promise<ServedModel> {
    const folder = mkdtempSync(join(tmpdir(), 'adstocrat-bench-'));
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
    const artifact = join(folder, 'artifacts', '1');
    const { digest } = await write(artifact);
    const metadata = PostgresMetadata.open(postgres.url);
    await metadata.migrate();
    await metadata.appendDeployment({
      model: 'ads',
      revision: 1,
      labels: { stable: 1 },
      split: [{ version: 1, basisPoints: 10_000 }],
      reason: 'bench',
      changedAtMs: 0,
      versions: [{ version: 1, uri: pathToFileURL(artifact).href, digest }],
    });
    await metadata.close();
    return new ServedModel(folder, postgres);
  }

  /** Starts a server with these variables beside the usual ones. */
  async serve(name: string, environment: Readonly<Record<string, string>>): Promise<ServingProcess> {
    // As the command starts it.
    const child = spawn(process.execPath, ['--max-semi-space-size=16', '--conditions=@adstocrat/source', main], {
      env: {
        ...process.env,
        EVENT_BUS_URL: this.#postgres.url,
        DATABASE_URL: this.#postgres.url,
        ARTIFACTS_URL: pathToFileURL(join(this.#folder, 'artifacts')).href,
        GRPC_PORT: '0',
        REST_PORT: '0',
        WORK_DIR: join(this.#folder, name),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const { grpc, rest } = await portsOf(child);
    const server = {
      address: `127.0.0.1:${grpc}`,
      restAddress: `127.0.0.1:${rest}`,
      pid: child.pid ?? 0,
      cpuS: () => cpuSecondsOf(child),
      stop: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
    this.#servers.push(server);
    return server;
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await this.#postgres.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function portsOf(child: ChildProcess): Promise<{ readonly grpc: number; readonly rest: number }> {
  if (child.stdout === null) throw new Error('the server has no log');
  let [grpc, rest] = [0, 0];
  for await (const line of createInterface(child.stdout)) {
    const { msg, port = 0 } = JSON.parse(line) as { readonly msg: string; readonly port?: number };
    if (msg === 'grpc server listens') grpc = port;
    if (msg === 'rest server listens') rest = port;
    if (grpc === 0 || rest === 0) continue;
    // Its further lines are read and forgotten: a full pipe would hold it up.
    child.stdout.resume();
    return { grpc, rest };
  }
  throw new Error('the server ended before it listened');
}

/** Fields 14 and 15 of /proc/PID/stat, in ticks of 10 ms: all threads. */
function cpuSecondsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
