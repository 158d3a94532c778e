import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { freePort } from '@adstocrat/ports';
import { startPostgres } from '@adstocrat/postgres';
import { ingestion } from '@adstocrat/schemas';
import { cpuS, descendantsCpuS, peakMiB } from '../process-tree.ts';
import { bytesBelow } from './bytes-below.ts';

const root = resolve(import.meta.dirname, '../../../..');

/** What a span cost. */
export interface Cost {
  readonly span: ingestion.Span;
  readonly wallS: number;
  /** Of the service and PostgreSQL, from the call to the answer. */
  readonly cpuS: number;
  readonly serviceCpuS: number;
  /** The most memory that the service ever had. */
  readonly peakMiB: number;
  /** The most that lay in work folders and on the way in the artifact store, MiB. */
  readonly scratchMiB: number;
}

/** PostgreSQL and one process of ingestion, in a folder. */
export class IngestionProcess implements AsyncDisposable {
  readonly #folder: string;
  readonly #service: ChildProcess;
  readonly #stopPostgres: () => Promise<void>;
  readonly #client: ingestion.IngestionServiceClient;

  private constructor(parts: {
    readonly folder: string;
    readonly service: ChildProcess;
    readonly stopPostgres: () => Promise<void>;
    readonly client: ingestion.IngestionServiceClient;
  }) {
    this.#folder = parts.folder;
    this.#service = parts.service;
    this.#stopPostgres = parts.stopPostgres;
    this.#client = parts.client;
  }

  static async start(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<IngestionProcess> {
    mkdirSync(folder, { recursive: true });
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
    const port = await freePort();
    const main = join(root, 'apps/ingestion/src/main.ts');
    const service = spawn(process.execPath, ['--max-semi-space-size=16', '--conditions=@adstocrat/source', main], {
      env: {
        ...process.env,
        HOST: '127.0.0.1',
        GRPC_PORT: String(port),
        DATABASE_URL: postgres.url,
        EVENT_BUS_URL: postgres.url,
        ARTIFACTS_URL: pathToFileURL(join(folder, 'artifacts')).href,
        WORK_DIR: join(folder, 'work'),
        LOG_LEVEL: 'warn',
        ...environment,
      },
      stdio: ['ignore', 2, 2],
    });
    const client = new ingestion.IngestionServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
    const stopPostgres = (): Promise<void> => postgres.stop();
    await new Promise<void>((ready, failed) => {
      client.waitForReady(Date.now() + 120_000, (error) => {
        if (error === undefined) ready();
        else failed(error);
      });
    });
    return new IngestionProcess({ folder, service, stopPostgres, client });
  }

  async ingest(taskYaml: string, dataUri: string): Promise<Cost> {
    const pid = this.#service.pid ?? 0;
    const [beganMs, beforeS, serviceBeforeS] = [performance.now(), descendantsCpuS(), cpuS(pid)];
    let span: ingestion.Span | undefined;
    let scratch = 0;
    const ended = new AbortController();
    const watching = (async () => {
      for (; !ended.signal.aborted; await sleep(200)) {
        const below = ['work', 'artifacts/staging'].map((name) => bytesBelow(join(this.#folder, name)));
        scratch = Math.max(scratch, (below[0] ?? 0) + (below[1] ?? 0));
      }
    })();
    const stream = this.#client.ingestSpan({ taskYaml, dataUri });
    try {
      for await (const message of stream as AsyncIterable<ingestion.IngestSpanResponse>) span ??= message.span;
    } finally {
      ended.abort();
      await watching;
    }
    if (span === undefined) throw new Error('ingestion answered without a span');
    return {
      span,
      wallS: (performance.now() - beganMs) / 1000,
      cpuS: descendantsCpuS() - beforeS,
      serviceCpuS: cpuS(pid) - serviceBeforeS,
      peakMiB: peakMiB(pid),
      scratchMiB: scratch / 2 ** 20,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    this.#service.kill('SIGTERM');
    if (this.#service.exitCode === null) await once(this.#service, 'exit');
    await this.#stopPostgres();
  }
}
