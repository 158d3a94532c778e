import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { encodeOnnx, type OnnxGraph, type OnnxValue } from '@adstocrat/onnx';
import { compose } from '../../compose.ts';
import { parseConfig } from '../../config.ts';
import { KServeClient } from '../../open-inference/kserve-client.ts';
import { OriginalClient } from '../../tensorflow-serving/original-client.ts';

/** A server of folders alone, with what it said, and stock clients of it. For specs. */
export interface FolderServer {
  readonly rest: string;
  readonly tensorflow: OriginalClient;
  readonly kserve: KServeClient;
  readonly log: readonly Readonly<Record<string, unknown>>[];
  stop(): Promise<void>;
}

/** A line of a log. */
export interface Said {
  readonly msg: string;
  readonly pid: number;
  readonly port?: number;
}

/** A server in a process of its own. */
export interface FolderProcess {
  readonly child: ChildProcess;
  readonly rest: string;
  readonly log: readonly Said[];
  /** Code and signal of its end. */
  readonly ended: Promise<unknown[]>;
}

/** Milliseconds between two looks: as short as they may be. */
const pollMs = 40;

/** Folders of models, and servers of them without a registry. For specs. */
export class FoldersUnderTest {
  readonly folder = mkdtempSync(join(tmpdir(), 'folders-'));
  readonly models = join(this.folder, 'models');
  readonly #children: ChildProcess[] = [];

  constructor() {
    mkdirSync(this.models);
  }

  /** Writes a file, below the folder of models where it has no other. */
  write(path: string, bytes: Uint8Array | string, folder = this.models): string {
    const to = join(folder, path);
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, bytes);
    return to;
  }

  /** Puts a version there as who copies well does: whole, by a rename. */
  put(model: string, version: string | number, bytes: Uint8Array, folder = this.models): void {
    const partial = join(this.folder, 'partial');
    this.write('model.onnx', bytes, partial);
    mkdirSync(join(folder, model), { recursive: true });
    renameSync(partial, join(folder, model, String(version)));
  }

  remove(...path: readonly string[]): void {
    rmSync(join(this.models, ...path), { recursive: true });
  }

  async start(change: Readonly<Record<string, string>> = {}): Promise<FolderServer> {
    const log: Record<string, unknown>[] = [];
    const logger = pino(
      { level: 'info' },
      { write: (line: string) => void log.push(JSON.parse(line) as (typeof log)[0]) },
    );
    const config = parseConfig({
      GRPC_PORT: '0',
      REST_PORT: '0',
      WORK_DIR: join(this.folder, 'work'),
      MODEL_FOLDERS: this.models,
      MODEL_POLL_MS: String(pollMs),
      ...change,
    });
    const resources = await compose(config, logger, new AbortController().signal);
    for (const resource of resources) await resource.start();
    const port = (name: string): number =>
      (resources.find((one) => one.name === name) as unknown as { readonly port: number }).port;
    const address = `127.0.0.1:${port('grpc server')}`;
    const [tensorflow, kserve] = [new OriginalClient(address), new KServeClient(address)];
    return {
      rest: `http://127.0.0.1:${port('rest server')}`,
      tensorflow,
      kserve,
      log,
      stop: async () => {
        tensorflow.close();
        kserve.close();
        for (const resource of [...resources].reverse()) await resource.stop();
      },
    };
  }

  /** A server in a process of its own, with what it said; with `SERVING_PROCESSES` a supervisor, whose processes say it too. */
  async startProcess(change: Readonly<Record<string, string>> = {}): Promise<FolderProcess> {
    const main = join(import.meta.dirname, '../../main.ts');
    const child = spawn(process.execPath, ['--conditions=@adstocrat/source', main], {
      env: {
        ...process.env,
        GRPC_PORT: '0',
        REST_PORT: '0',
        WORK_DIR: join(this.folder, 'work'),
        MODEL_FOLDERS: this.models,
        MODEL_POLL_MS: String(pollMs),
        ...change,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#children.push(child);
    const ended = once(child, 'exit');
    const log: Said[] = [];
    const port = await new Promise<number>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`serving ended with ${code}: ${JSON.stringify(log.at(-1))}`)));
      createInterface(child.stdout).on('line', (line) => {
        const said = JSON.parse(line) as Said;
        log.push(said);
        if (said.msg === 'rest server listens') resolve(said.port ?? 0);
      });
    });
    return { child, rest: `http://127.0.0.1:${port}`, log, ended };
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A model's bytes. */
export function model(
  nodes: OnnxGraph['nodes'],
  inputs: OnnxValue[],
  outputs: OnnxValue[],
  constants: OnnxGraph['constants'] = [],
): Uint8Array {
  return encodeOnnx({ name: 'graph', nodes, inputs, outputs, constants });
}

/** `y` is `x` times a number: float [N]. */
export function times(factor: number): Uint8Array {
  return model(
    [{ op: 'Mul', inputs: ['x', 'factor'], outputs: ['y'] }],
    [{ name: 'x', type: 'float', shape: ['N'] }],
    [{ name: 'y', type: 'float', shape: ['N'] }],
    [{ name: 'factor', shape: [1], data: Float32Array.of(factor) }],
  );
}
