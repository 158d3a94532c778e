import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { FoldersUnderTest, model, times } from '../folders/folders-under-test.ts';

const folders = new FoldersUnderTest();
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  folders.close();
});

/** A server process of these folders, with what it said. */
async function started(): Promise<{ child: ChildProcess; rest: string; ended: Promise<unknown[]> }> {
  const child = spawn(
    process.execPath,
    ['--conditions=@adstocrat/source', join(import.meta.dirname, '../../main.ts')],
    {
      env: {
        ...process.env,
        GRPC_PORT: '0',
        REST_PORT: '0',
        WORK_DIR: join(folders.folder, 'work'),
        MODEL_FOLDERS: folders.models,
        MODEL_POLL_MS: '40',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  const ended = once(child, 'exit');
  const port = await new Promise<number>((resolve) =>
    createInterface(child.stdout).on('line', (line) => {
      const said = JSON.parse(line) as { readonly msg: string; readonly port?: number };
      if (said.msg === 'rest server listens') resolve(said.port ?? 0);
    }),
  );
  return { child, rest: `http://127.0.0.1:${port}`, ended };
}

async function stateOf(rest: string, version: string): Promise<string | undefined> {
  const { model_version_status: states = [] } = (await (await fetch(`${rest}/v1/models/ctr`)).json()) as {
    readonly model_version_status?: readonly { readonly version: string; readonly state: string }[];
  };
  return states.find((one) => one.version === version)?.state;
}

async function until(rest: string, version: string, state: string): Promise<void> {
  while ((await stateOf(rest, version)) !== state) await sleep(5);
}

/** `y` is a row of a table of 80 MB. */
function large(): Uint8Array {
  const rows = 20_000_000;
  return model(
    [{ op: 'Gather', inputs: ['table', 'x'], outputs: ['y'] }],
    [{ name: 'x', type: 'int64', shape: ['N'] }],
    [{ name: 'y', type: 'float', shape: ['N'] }],
    [{ name: 'table', shape: [rows], data: Float32Array.from({ length: rows }, (_, row) => row % 97) }],
  );
}

describe('a stop while a version is loaded', () => {
  it('ends the process by itself, and the next start loads the version whole', async () => {
    folders.put('ctr', 1, times(2));
    const first = await started();
    await until(first.rest, '1', 'AVAILABLE');
    folders.put('ctr', 2, large());
    await until(first.rest, '2', 'LOADING');
    const answer = fetch(`${first.rest}/v1/models/ctr:predict`, { method: 'POST', body: '{"instances": [1.5]}' });
    expect(await (await answer).json()).toEqual({ predictions: [3] });
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual([0, null]);
    const second = await started();
    await until(second.rest, '2', 'AVAILABLE');
    const row = await fetch(`${second.rest}/v1/models/ctr:predict`, { method: 'POST', body: '{"instances": [98]}' });
    expect(await row.json()).toEqual({ predictions: [1] });
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
  }, 120_000);
});
