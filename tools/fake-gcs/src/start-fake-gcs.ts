import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@adstocrat/ports';
import { installFakeGcs } from './install-fake-gcs.ts';

export interface FakeGcsOptions {
  /** 0 (default) takes a free one. */
  readonly port?: number;
  /** Each folder in it is a bucket to begin with. */
  readonly data?: string;
  /** Objects lie in this folder, and not in memory, where finding one among many takes long. It is written by the emulator alone. */
  readonly root?: string;
}

export interface RunningFakeGcs {
  /** http://127.0.0.1:PORT, for STORAGE_EMULATOR_HOST. */
  readonly url: string;
  makeBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the GCS emulator on 127.0.0.1, objects in memory unless it has a `root`. */
export async function startFakeGcs(options: FakeGcsOptions = {}): Promise<RunningFakeGcs> {
  const program = await installFakeGcs();
  const port = options.port === undefined || options.port === 0 ? await freePort() : options.port;
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    program,
    [
      ...['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)],
      ...(options.root === undefined
        ? ['-backend', 'memory']
        : ['-backend', 'filesystem', '-filesystem-root', options.root]),
      ...['-public-host', `127.0.0.1:${port}`, '-external-url', url, '-log-level', 'error'],
      ...(options.data === undefined ? [] : ['-data', options.data]),
    ],
    { stdio: 'ignore' },
  );
  for (const until = Date.now() + 20_000; ;) {
    const up = await fetch(`${url}/storage/v1/b?project=emulator`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) break;
    if (server.exitCode !== null || Date.now() > until) {
      server.kill('SIGKILL');
      throw new Error(`fake-gcs-server does not answer on ${url}`);
    }
    await sleep(50);
  }
  return {
    url,
    makeBucket: async (name) => {
      const response = await fetch(`${url}/storage/v1/b?project=emulator`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      if (!response.ok) throw new Error(`making bucket ${name}: HTTP ${response.status}`);
    },
    stop: async () => {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      if (!server.kill('SIGTERM')) return;
      await ended;
    },
  };
}
