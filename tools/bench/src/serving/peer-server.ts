import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '@adstocrat/ports';

/** A server of the Open Inference Protocol that serves the network as "mlp". */
export interface PeerServer {
  readonly name: string;
  /** host:port. */
  readonly grpc: string;
  readonly rest: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface PeerProgram {
  readonly name: string;
  /** Writes what the program needs into a folder, the network as `model.onnx` among it; says how it is started. */
  readonly prepare: (
    folder: string,
    onnx: Uint8Array,
    ports: { readonly grpc: number; readonly rest: number; readonly other: number },
  ) => {
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
}

/** Most that a start takes: Python's imports, on a busy machine. */
const startMs = 120_000;

/** Starts it and waits until its model answers. Throws what it said where it does not. */
export async function startPeer({ name, prepare }: PeerProgram, onnx: Uint8Array): Promise<PeerServer> {
  const folder = mkdtempSync(join(tmpdir(), `adstocrat-bench-${name}-`));
  const [grpc = 0, rest = 0, other = 0] = await freePorts(3);
  const { command, args, env } = prepare(folder, onnx, { grpc, rest, other });
  const said = join(folder, 'log');
  const log = openSync(said, 'w');
  const child = spawn(command, args, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await once(child, 'exit');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await ready(child, `http://127.0.0.1:${rest}/v2/models/mlp/ready`);
  } catch (error) {
    const text = readFileSync(said, 'utf8').slice(-2000);
    await stop();
    throw new Error(`${name} does not answer:\n${text}`, { cause: error });
  }
  return { name, grpc: `127.0.0.1:${grpc}`, rest: `127.0.0.1:${rest}`, pid: child.pid ?? 0, stop };
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  failed.catch(() => undefined);
  for (const end = Date.now() + startMs; Date.now() < end && child.exitCode === null;) {
    const answers = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    await Promise.race([sleep(200), failed]);
  }
  throw new Error(child.exitCode === null ? `nothing at ${url}` : `it ended with ${child.exitCode}`);
}

/** Writes text files below a folder that is there. */
export function writeTexts(folder: string, texts: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
}
