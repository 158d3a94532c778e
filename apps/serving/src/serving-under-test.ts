import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { credentials, Metadata } from '@grpc/grpc-js';
import { pino } from 'pino';
import { PostgresEventBus } from '@adstocrat/event-bus-postgres';
import { type TestServableOptions, writeTestServable } from '@adstocrat/inference/testing';
import type { DeploymentRecord } from '@adstocrat/metadata';
import { PostgresMetadata } from '@adstocrat/metadata-postgres';
import { tensorflowServing as tfs, topics } from '@adstocrat/schemas';
import { compose } from './compose.ts';
import { parseConfig } from './config.ts';

/** A server that runs. */
export interface Running {
  readonly rest: string;
  /** Of its gRPC. */
  readonly address: string;
  readonly predictions: tfs.PredictionServiceClient;
  readonly models: tfs.ModelServiceClient;
  stop(): Promise<void>;
}

/** A server in a process of its own. */
export interface RunningProcess extends Running {
  readonly child: ChildProcess;
  /** Its log so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
}

export type Environment = Readonly<Record<string, string>>;

/** Model "ads", whose version n answers sigmoid(n − 4), a registry that deploys it, and servers of it. For specs. */
export class ServingUnderTest {
  readonly folder = mkdtempSync(join(tmpdir(), 'serving-'));
  readonly artifacts = pathToFileURL(join(this.folder, 'artifacts')).href;
  readonly databaseUrl: string;
  readonly bus: PostgresEventBus;
  readonly #metadata: PostgresMetadata;
  readonly #digests = new Map<number, string>();
  readonly #children = new Set<ChildProcess>();
  #revision = 0;

  private constructor(databaseUrl: string) {
    this.databaseUrl = databaseUrl;
    this.#metadata = PostgresMetadata.open(databaseUrl);
    this.bus = new PostgresEventBus({ url: databaseUrl });
  }

  static async open(
    databaseUrl: string,
    versions = 1,
    change: Partial<Pick<TestServableOptions, 'personal' | 'slope' | 'range' | 'timeRangeMs'>> = {},
  ): Promise<ServingUnderTest> {
    const subject = new ServingUnderTest(databaseUrl);
    await subject.#metadata.migrate();
    for (let version = 1; version <= versions; version += 1) {
      const to = join(subject.folder, 'artifacts', String(version));
      subject.#digests.set(version, (await writeTestServable(to, { version, bias: version - 4, ...change })).digest);
    }
    await subject.deploy([1], { stable: 1 });
    return subject;
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await this.bus.close();
    await this.#metadata.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async deploy(
    versions: readonly number[],
    labels: Readonly<Record<string, number>>,
    split: DeploymentRecord['split'] = [{ version: labels['stable'] ?? 0, basisPoints: 10_000 }],
    say = true,
  ): Promise<void> {
    this.#revision += 1;
    const record: DeploymentRecord = {
      model: 'ads',
      revision: this.#revision,
      labels,
      split,
      reason: 'spec',
      changedAtMs: 0,
      versions: versions.map((version) => ({
        version,
        uri: `${this.artifacts}/${version}`,
        digest: this.#digests.get(version) ?? '',
      })),
    };
    await this.#metadata.appendDeployment(record);
    if (!say) return;
    const event = { ...record, versions: [...record.versions], labels: { ...labels }, split: [...split] };
    await this.bus.publish(topics.deploymentChanged, [{ key: 'ads', source: 'spec', event }]);
  }

  /** Starts a server in this process. `workDir` names its folder. */
  async start(change: Environment = {}, workDir = 'work'): Promise<Running> {
    const config = parseConfig(this.#environment(change, workDir));
    const ended = new AbortController();
    const resources = await compose(config, pino({ level: 'silent' }), ended.signal);
    for (const resource of resources) await resource.start();
    const port = (name: string): number =>
      (resources.find((one) => one.name === name) as unknown as { readonly port: number }).port;
    return running(port('grpc server'), port('rest server'), async () => {
      for (const resource of [...resources].reverse()) await resource.stop();
    });
  }

  /** Starts a process that works on batches and answers nobody. */
  startBatches(change: Environment = {}, workDir = 'batches'): ChildProcess {
    const main = join(import.meta.dirname, 'main.ts');
    const env = { ...process.env, ...this.#environment({ BATCHES: 'alone', ...change }, workDir) };
    const child = spawn(process.execPath, ['--conditions=@adstocrat/source', main], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Starts a server in a process of its own. `limits`: a shell's words before it, such as `ulimit -f 100;`. */
  async startProcess(change: Environment = {}, workDir = 'work', limits = ''): Promise<RunningProcess> {
    const main = join(import.meta.dirname, 'main.ts');
    const child = spawn(
      'bash',
      ['-c', `${limits} exec "$@"`, 'serving', process.execPath, '--conditions=@adstocrat/source', main],
      { env: { ...process.env, ...this.#environment(change, workDir) }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    const log: Record<string, unknown>[] = [];
    const ports = new Map<string, number>();
    const ended = once(child, 'exit');
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const said = JSON.parse(line) as Record<string, unknown>;
        log.push(said);
        if (/server listens$/.test(String(said['msg']))) ports.set(String(said['msg']), Number(said['port']));
        if (ports.size === 2) resolve();
      });
      child.once('exit', (code) => reject(new Error(`serving ended with ${code}: ${JSON.stringify(log.at(-1))}`)));
    });
    const [grpc = 0, rest = 0] = ['grpc server listens', 'rest server listens'].map((said) => ports.get(said));
    const server = running(grpc, rest, async () => {
      child.kill('SIGTERM');
      await ended;
    });
    return { ...server, child, log };
  }

  #environment(change: Environment, workDir: string): Environment {
    return {
      EVENT_BUS_URL: this.databaseUrl,
      DATABASE_URL: this.databaseUrl,
      ARTIFACTS_URL: this.artifacts,
      GRPC_PORT: '0',
      REST_PORT: '0',
      WORK_DIR: join(this.folder, workDir),
      ...change,
    };
  }
}

function running(grpcPort: number, restPort: number, stop: () => Promise<void>): Running {
  const address = `127.0.0.1:${grpcPort}`;
  const predictions = new tfs.PredictionServiceClient(address, credentials.createInsecure());
  const models = new tfs.ModelServiceClient(address, credentials.createInsecure());
  return {
    predictions,
    models,
    address,
    rest: `http://127.0.0.1:${restPort}`,
    stop: async () => {
      predictions.close();
      models.close();
      await stop();
    },
  };
}

/** DT_STRING [n]. */
export function text(...values: readonly (string | Uint8Array)[]): tfs.TensorProto {
  return tfs.TensorProto.create({
    dtype: tfs.DataType.DT_STRING,
    stringVal: values.map((value) => Buffer.from(value as string)),
    tensorShape: { dim: [{ size: BigInt(values.length), name: '' }], unknownRank: false },
  });
}

/** DT_FLOAT [n]. */
export function numbers(...values: readonly number[]): tfs.TensorProto {
  return tfs.TensorProto.create({
    dtype: tfs.DataType.DT_FLOAT,
    floatVal: [...values],
    tensorShape: { dim: [{ size: BigInt(values.length), name: '' }], unknownRank: false },
  });
}

export interface Answer {
  readonly version: number;
  readonly scores: readonly number[];
  /** The ids in the initial metadata; none where it holds none. */
  readonly headerIds: readonly string[];
  /** The ids in the output; none where there is none. */
  readonly bodyIds: readonly string[];
}

export interface AskOptions {
  readonly spec?: Partial<tfs.ModelSpec>;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly outputFilter?: readonly string[];
  readonly deadlineMs?: number;
}

/** One Predict call, by a stock client. Rejects with the ServiceError as it came. */
export function ask(
  { predictions }: Pick<Running, 'predictions'>,
  inputs: Readonly<Record<string, tfs.TensorProto>>,
  options: AskOptions = {},
): Promise<Answer> {
  const modelSpec = { name: 'ads', signatureName: '', ...options.spec };
  const request = tfs.PredictRequest.create({
    modelSpec,
    inputs: new Map(Object.entries(inputs)),
    outputFilter: [...(options.outputFilter ?? [])],
  });
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(options.metadata ?? {})) metadata.set(key, value);
  const deadline = Date.now() + (options.deadlineMs ?? 60_000);
  return new Promise((resolve, reject) => {
    let header = '';
    const call = predictions.predict(request, metadata, { deadline }, (error, response) => {
      if (error !== null) reject(error);
      else
        resolve({
          version: Number(response.modelSpec?.version ?? 0),
          scores: response.outputs.get('score')?.floatVal ?? [],
          headerIds: header === '' ? [] : header.split(',').map(decodeURIComponent),
          bodyIds: (response.outputs.get('prediction_id')?.stringVal ?? []).map(String),
        });
    });
    call.on('metadata', (initial) => (header = String(initial.get('adstocrat-prediction-id')[0] ?? '')));
  });
}
