import { createServer, type Server as TcpServer } from 'node:net';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { tensorflowServing as tfs } from '@adstocrat/schemas';
import { afterEach, describe, expect, it } from 'vitest';
import { ServingInstances } from './serving-instances.ts';

const State = tfs.ModelVersionStatus_State;
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A real server of TensorFlow Serving's ModelService whose answer can be changed. Without one it never answers. */
async function startServing() {
  const now: {
    versions: readonly { version: number; state: tfs.ModelVersionStatus_State; error?: string }[] | 'never';
  } = {
    versions: [],
  };
  const shown: string[] = [];
  const server = new Server();
  server.addService(tfs.ModelServiceService, {
    getModelStatus: (({ metadata }, answer) => {
      shown.push(...metadata.get('authorization').map(String));
      if (now.versions === 'never') return;
      if (now.versions.length === 0) {
        answer({ code: status.NOT_FOUND, details: 'no such model' });
        return;
      }
      const modelVersionStatus = now.versions.map(({ version, state, error }) => ({
        version: BigInt(version),
        state,
        status: { errorCode: 0, errorMessage: error ?? '' },
      }));
      answer(null, { modelVersionStatus } as tfs.GetModelStatusResponse);
    }) satisfies tfs.ModelServiceServer['getModelStatus'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  closing.push(() => {
    server.forceShutdown();
  });
  return { url: `127.0.0.1:${port}`, now, shown, kill: () => server.forceShutdown() };
}

function asking(
  urls: readonly string[],
  options: { deadlineMs?: number; monotonicMs?: () => number; token?: string } = {},
) {
  const instances = new ServingInstances({ urls, deadlineMs: 60_000, ...options });
  closing.push(() => {
    void instances.stop();
  });
  return instances;
}

describe('ServingInstances', () => {
  it('says available once every instance has the version, and failed as soon as one cannot load it', async () => {
    const [one, two] = await Promise.all([startServing(), startServing()]);
    const instances = asking([one.url, two.url]);
    expect(await instances.ask('ads', 2)).toMatchObject({ state: 'loading' });
    one.now.versions = [{ version: 2, state: State.AVAILABLE }];
    two.now.versions = [
      { version: 1, state: State.AVAILABLE },
      { version: 2, state: State.LOADING },
    ];
    expect(await instances.ask('ads', 2)).toEqual({ state: 'loading', reason: two.url });
    two.now.versions = [{ version: 2, state: State.AVAILABLE }];
    expect(await instances.ask('ads', 2)).toEqual({ state: 'available', passedOver: [] });
    two.now.versions = [{ version: 2, state: State.END, error: 'sha256 differs' }];
    expect(await instances.ask('ads', 2)).toEqual({ state: 'failed', reason: `${two.url}: sha256 differs` });
  });

  it('shows each instance the token of the system, where there is one', async () => {
    const [one, two] = await Promise.all([startServing(), startServing()]);
    await asking([one.url, two.url], { token: 'a-token-of-this-spec' }).ask('ads', 2);
    expect([one.shown, two.shown]).toEqual([['Bearer a-token-of-this-spec'], ['Bearer a-token-of-this-spec']]);
    await asking([one.url]).ask('ads', 2);
    expect(one.shown).toHaveLength(1);
  });

  it('waits a deadline for one that never answers, then names it, and passes it over after the patience', async () => {
    const [one, hanging] = await Promise.all([startServing(), startServing()]);
    one.now.versions = [{ version: 2, state: State.AVAILABLE }];
    hanging.now.versions = 'never';
    let nowMs = 0;
    const instances = asking([one.url, hanging.url], { deadlineMs: 800, monotonicMs: () => nowMs });
    const unreachable = { state: 'unreachable', reason: `${hanging.url}: no answer within 800 ms` };
    expect(await instances.ask('ads', 2)).toEqual(unreachable);
    nowMs = 29_999;
    expect(await instances.ask('ads', 2)).toEqual(unreachable);
    nowMs = 30_000;
    expect(await instances.ask('ads', 2)).toEqual({ state: 'available', passedOver: [hanging.url] });
    // It is back: what it says counts again, and its patience begins anew.
    hanging.now.versions = [{ version: 2, state: State.LOADING }];
    expect(await instances.ask('ads', 2)).toMatchObject({ state: 'loading' });
    hanging.now.versions = 'never';
    expect(await instances.ask('ads', 2)).toEqual(unreachable);
  });

  it('is unreachable for as long as none answers: a killed one, and one that takes connections and says nothing', async () => {
    const killed = await startServing();
    killed.kill();
    const silent: TcpServer = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closing.push(() => silent.close());
    const { port } = silent.address() as { readonly port: number };
    let nowMs = 0;
    const instances = asking([killed.url, `127.0.0.1:${port}`], { deadlineMs: 100, monotonicMs: () => nowMs });
    expect(await instances.ask('ads', 2)).toMatchObject({ state: 'unreachable' });
    nowMs = 3_600_000;
    expect(await instances.ask('ads', 2)).toMatchObject({ state: 'unreachable' });
  });
});
