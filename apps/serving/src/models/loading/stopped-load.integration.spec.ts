import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { FoldersUnderTest, model, times } from '../folders/folders-under-test.ts';

const folders = new FoldersUnderTest();
afterAll(() => folders.close());

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
    const first = await folders.startProcess();
    await until(first.rest, '1', 'AVAILABLE');
    folders.put('ctr', 2, large());
    await until(first.rest, '2', 'LOADING');
    const answer = fetch(`${first.rest}/v1/models/ctr:predict`, { method: 'POST', body: '{"instances": [1.5]}' });
    expect(await (await answer).json()).toEqual({ predictions: [3] });
    first.child.kill('SIGTERM');
    expect(await first.ended).toEqual([0, null]);
    const second = await folders.startProcess();
    await until(second.rest, '2', 'AVAILABLE');
    const row = await fetch(`${second.rest}/v1/models/ctr:predict`, { method: 'POST', body: '{"instances": [98]}' });
    expect(await row.json()).toEqual({ predictions: [1] });
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
  }, 120_000);
});
