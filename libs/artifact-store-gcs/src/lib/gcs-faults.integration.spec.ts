import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ArtifactForbidden, ArtifactNotFound, createText, readBytes } from '@adstocrat/artifact-store';
import { type RunningFakeGcs, startFakeGcs } from '@adstocrat/fake-gcs';
import { GcsArtifactStore } from './gcs-artifact-store.ts';

/** What is done to the answer of one read; without one it passes. */
type Fault = (answer: { status: number; headers: Headers; body: Buffer }, response: ServerResponse) => void;

let gcs: RunningFakeGcs;
let proxy: Server;
let store: GcsArtifactStore;
/** For the reads that come, in order. */
let faults: Fault[] = [];
let reads: { readonly range: string | undefined }[] = [];
/** 1 MiB, no part of it like another. */
const bytes = Buffer.from(Uint32Array.from({ length: 1 << 18 }, (_, index) => Math.imul(index, 2_654_435_761)).buffer);
const uri = 'gs://faulty/object';

beforeAll(async () => {
  gcs = await startFakeGcs();
  await gcs.makeBucket('faulty');
  proxy = createServer((request, response) => void pass(request, response)).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const apiEndpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const storage = new Storage({ apiEndpoint, projectId: 'emulator', retryOptions: { autoRetry: false } });
  store = new GcsArtifactStore(storage, { patience: { attempts: 4, firstPauseMs: 1, stallMs: 1000 } });
  await direct().create(uri, [bytes]);
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await gcs.stop();
});
beforeEach(() => {
  [faults, reads] = [[], []];
});

const direct = (): GcsArtifactStore =>
  new GcsArtifactStore(new Storage({ apiEndpoint: gcs.url, projectId: 'emulator' }));

async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { range } = request.headers;
  const isRead = request.url?.includes('alt=media') === true;
  const answer = await fetch(`${gcs.url}${request.url ?? ''}`, { headers: range === undefined ? {} : { range } });
  const whole = { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
  if (isRead) reads.push({ range });
  const fault = isRead ? faults.shift() : undefined;
  if (fault === undefined) answered(whole, response).end(whole.body);
  else fault(whole, response);
}

function answered({ status, headers, body }: Parameters<Fault>[0], response: ServerResponse): ServerResponse {
  for (const name of ['x-goog-generation', 'x-goog-hash', 'x-goog-stored-content-length', 'content-range']) {
    const value = headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  return response.writeHead(status, { 'content-length': body.length });
}

const says =
  (status: number): Fault =>
  (_answer, response) => {
    response.writeHead(status).end(JSON.stringify({ error: { code: status, message: 'not now' } }));
  };
const cutAfter =
  (count: number): Fault =>
  (answer, response) => {
    answered(answer, response).write(answer.body.subarray(0, count), () => response.destroy());
  };
const stallAfter =
  (count: number): Fault =>
  (answer, response) => {
    answered(answer, response).write(answer.body.subarray(0, count));
  };
/** As a server that closes in good order before the end. */
const shortBy =
  (count: number): Fault =>
  (answer, response) => {
    const body = answer.body.subarray(0, answer.body.length - count);
    answered({ ...answer, body }, response).end(body);
  };
const flipped: Fault = (answer, response) => {
  const body = Buffer.from(answer.body);
  body[12_345] = (body[12_345] ?? 0) ^ 1;
  answered(answer, response).end(body);
};

describe('a read from a faulty bucket', () => {
  it.each<[what: string, faults: readonly Fault[]]>([
    ['429 and 503', [says(429), says(503), says(500)]],
    ['a transfer that is cut, again and again', [cutAfter(70_000), cutAfter(300_000), cutAfter(1)]],
    ['a transfer that stalls', [stallAfter(100_000), stallAfter(0)]],
    ['a transfer that ends too early', [shortBy(1)]],
    ['more faults than attempts, with bytes in between', Array.from({ length: 9 }, () => cutAfter(50_000))],
  ])('gives every byte once after %s', async (_what, planned) => {
    faults = [...planned];
    expect(Buffer.compare(await readBytes(store, uri), bytes)).toBe(0);
    expect(reads).toHaveLength(planned.length + 1);
  });

  it('goes on where it was', async () => {
    faults = [cutAfter(600_000)];
    await readBytes(store, uri);
    const from = Number(/^bytes=(\d+)-$/.exec(reads[1]?.range ?? '')?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(600_000);
  });

  it('does not go on in another generation', async () => {
    const changing = 'gs://faulty/changing';
    await direct().create(changing, [bytes]);
    faults = [
      (answer, response) => {
        const change = async (): Promise<void> => {
          await direct().remove(changing);
          await createText(direct(), changing, 'new');
          response.destroy();
        };
        answered(answer, response).write(answer.body.subarray(0, 5000), () => void change());
      },
    ];
    await expect(readBytes(store, changing)).rejects.toThrow(ArtifactNotFound);
  });

  it('refuses bytes that are not those of the bucket', async () => {
    faults = [flipped];
    await expect(readBytes(store, uri)).rejects.toThrow(/gs:\/\/faulty\/object: the bytes that came have the crc32c/);
  });

  it('gives up where nothing comes for good, and says on what', async () => {
    faults = Array.from({ length: 9 }, () => says(503));
    await expect(readBytes(store, uri)).rejects.toThrow(/reading gs:\/\/faulty\/object: .*not now/);
    expect(reads).toHaveLength(4);
  });

  it('asks no second time without permission', async () => {
    faults = [says(403)];
    await expect(readBytes(store, uri)).rejects.toThrow(ArtifactForbidden);
    expect(reads).toHaveLength(1);
  });
});
