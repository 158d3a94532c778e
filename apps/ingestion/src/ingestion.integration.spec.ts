import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openExampleEngine } from '@adstocrat/adapters';
import { fetchByManifest, readRoot } from '@adstocrat/artifact-folders';
import { reservedColumns, type SpanManifest } from '@adstocrat/examples';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { ingestion, topics } from '@adstocrat/schemas';
import { type IngestionParts, ingestionParts } from './testing/ingestion-parts.ts';
import { batchCsv, labelled, model, range, taskYaml } from './testing/labelled.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-two-'));
const children: ChildProcess[] = [];
let database: TestDatabase;
let parts: IngestionParts;
let port = 0;

/** A process of the service itself. Resolves with its gRPC port. */
async function service(instance: number): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--conditions=@adstocrat/source', fileURLToPath(new URL('main.ts', import.meta.url))],
    {
      env: {
        PATH: process.env['PATH'],
        EVENT_BUS_URL: database.url,
        DATABASE_URL: database.url,
        ARTIFACTS_URL: parts.artifactsUrl,
        WORK_DIR: join(folder, `service-${instance}`),
        GRPC_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  for await (const line of createInterface({ input: child.stdout! })) {
    const said = JSON.parse(line) as { readonly msg: string; readonly port?: number };
    if (said.msg === 'grpc server listens') {
      child.stdout?.resume();
      return said.port ?? 0;
    }
  }
  throw new Error('the service ended before it listened');
}

beforeAll(async () => {
  database = await testDatabase();
  parts = await ingestionParts(database.url, folder);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'log.csv'), batchCsv());
  [port = 0] = await Promise.all([service(1), service(2)]);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await parts.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function ingest(): Promise<ingestion.Span> {
  const client = new ingestion.IngestionServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const stream = client.ingestSpan({ taskYaml, dataUri: pathToFileURL(join(folder, 'data')).href });
  let span: ingestion.Span | undefined;
  for await (const message of stream as AsyncIterable<ingestion.IngestSpanResponse>) span = message.span ?? span;
  client.close();
  if (span === undefined) throw new Error('the stream ended without a span');
  return span;
}

async function publish(rows: readonly number[], turn: number): Promise<void> {
  for (let start = 0; start < rows.length; start += 500) {
    const events = rows.slice(start, start + 500).map((row) => ({
      id: `example.labelled/${row}/${turn}`,
      key: `live-${row}`,
      source: 'feedback',
      event: labelled(row),
    }));
    await parts.bus.publish(topics.exampleLabelled, events);
  }
}

describe('ingestion as two processes', () => {
  it('loses and doubles no labelled row while one of them is killed, and answers the retrain with every one', async () => {
    expect((await ingest()).span).toBe(1);
    expect((await ingest()).alreadyThere).toBe(true);
    const rows = range(0, 6000);
    const publishing = Promise.all([publish(rows, 1), publish(rows.toReversed(), 2)]);
    // Killed while it takes rows in, whatever it is at.
    await expect.poll(async () => (await parts.live.waiting()).length, { timeout: 240_000 }).toBeGreaterThan(0);
    children[0]?.kill('SIGKILL');
    await publishing;
    const event = { retrainId: 'r', model, task: model, reason: '', eventTimeMs: 0, requestedAtMs: 0, untilMs: 0 };
    await parts.bus.publish(topics.retrainRequested, [{ id: 'r', key: model, source: 'feedback', event }]);
    const live = () => parts.metadata.findSpan(model, 'retrain/r');
    await expect.poll(live, { timeout: 240_000, interval: 200 }).toBeDefined();
    const span = await live();
    const manifest = await readRoot<SpanManifest>(parts.store, span?.uri ?? '', 'span.json', span?.digest);
    const files = Object.entries(manifest.files).filter(([path]) => path.startsWith('examples/'));
    const engine = await openExampleEngine({ workDir: join(folder, 'engine') });
    const paths = await fetchByManifest(parts.store, span?.uri ?? '', Object.fromEntries(files), join(folder, 'span'));
    const { values } = (await engine.collect(await engine.openParquet(paths), [reservedColumns.id])).get(
      reservedColumns.id,
    )!;
    await engine.close();
    expect([...values].map(String).toSorted()).toEqual(rows.map((row) => `live-${row}`).toSorted());
    children[1]?.kill('SIGTERM');
    expect(await once(children[1]!, 'exit')).toEqual([0, null]);
  });
});
