import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArtifactStore, openEventBus, openExampleEngine, openMetadata } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { EventBus } from '@adstocrat/event-bus';
import { reservedColumns, type SpanManifest } from '@adstocrat/examples';
import type { Metadata } from '@adstocrat/metadata';
import { testDatabase, type TestDatabase } from '@adstocrat/postgres';
import { type events, topics } from '@adstocrat/schemas';
import { createLogger } from '@adstocrat/service-kit/telemetry';
import { type IngestDependencies, ingestSpan } from '../ingest-span.ts';
import { LiveExamples } from './live-examples.ts';
import { writeLiveSpan } from './write-live-span.ts';

const folder = mkdtempSync(join(tmpdir(), 'adstocrat-live-'));
const model = 'shop';
const taskYaml = `name: ${model}\ndata: {examples: ["*.csv"]}\nlabel: bought\nid: row\nunit: user\neventTime: at\nsplit: {by: hash, test: 20%, validation: 20%}\n`;
let database: TestDatabase;
let metadata: Metadata;
let bus: EventBus;
let live: LiveExamples;
let dependencies: IngestDependencies;
const ready: events.SpanReady[] = [];

beforeAll(async () => {
  database = await testDatabase();
  metadata = await openMetadata(database.url);
  await metadata.migrate();
  live = new LiveExamples(database.url);
  await live.migrate();
  bus = await openEventBus(database.url);
  await bus.subscribe(topics.spanReady, { group: 'spec' }, (batch) => {
    ready.push(...batch.map(({ event }) => event));
    return Promise.resolve();
  });
  const artifactsUrl = pathToFileURL(join(folder, 'artifacts')).href;
  const artifacts = await openArtifactStore(artifactsUrl);
  dependencies = {
    metadata,
    artifacts,
    artifactsUrl,
    bus,
    workDir: join(folder, 'work'),
    logger: createLogger({ service: 'test', level: 'silent' }),
  };
  mkdirSync(join(folder, 'data'));
  const rows = Array.from(
    { length: 400 },
    (_, row) =>
      `r${row},u${row % 40},2026-01-01T00:${String(row % 60).padStart(2, '0')}:00Z,${row % 7},site-${row % 3},${row % 5 === 0 ? 1 : 0}`,
  );
  writeFileSync(join(folder, 'data', 'log.csv'), `row,user,at,price,site,bought\n${rows.join('\n')}\n`);
  await ingestSpan(dependencies, { taskYaml, dataUri: pathToFileURL(join(folder, 'data')).href }, () => undefined);
});
afterAll(async () => {
  await bus.close();
  await live.close();
  await metadata.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const example = (row: number): events.ExampleLabelled => ({
  prediction: {
    predictionId: `live-${row}`,
    model,
    version: 1,
    score: 0.2,
    servedAtMs: 0,
    imageDigest: '',
    eventTimeMs: 1_770_000_000_000 + row,
    features: {
      user: { text: `u${row % 50}` },
      // Every tenth request left the price out.
      ...(row % 10 === 0 ? {} : { price: { integer: row % 7 } }),
      site: { text: 'site-new' },
      at: { text: '2026-02-02T00:00:00Z' },
    },
  },
  label: row % 4 === 0,
  labelledAtMs: 0,
  openedAtMs: 0,
});
const request = (retrainId: string) => ({ retrainId, model, task: model });

describe('writeLiveSpan', () => {
  it('makes a span of the labelled rows, like the batch span’s, split by unit', async () => {
    const examples = Array.from({ length: 500 }, (_, row) => example(row));
    await live.add(examples);
    await live.add(examples.slice(0, 100));
    const span = await writeLiveSpan(dependencies, live, request('retrain-1'));
    expect(span).toMatchObject({ span: 2, kind: 'live', ready: true });
    const { trainRows = 0, validationRows = 0, testRows = 0, uri = '' } = span ?? {};
    expect(trainRows + validationRows + testRows).toBe(500);
    const manifest = await readJson<SpanManifest>(dependencies.artifacts, joinUri(uri, 'span.json'));
    // Every fourth row was bought.
    expect(manifest.positives.train + manifest.positives.validation + manifest.positives.test).toBe(125);
    expect(manifest.timeRangeMs).toEqual([1_770_000_000_000, 1_770_000_000_499]);
    const engine = await openExampleEngine({ workDir: folder });
    try {
      const users = new Map<string, Set<string>>();
      let missing = 0;
      for (const split of ['train', 'validation', 'test']) {
        const path = new URL(joinUri(uri, `examples/${split}/part-00000.parquet`)).pathname;
        const columns = await engine.collect(await engine.openParquet([path]), [
          'user',
          'price',
          'row',
          reservedColumns.id,
        ]);
        for (const user of columns.get('user')?.values ?? [])
          users.set(String(user), (users.get(String(user)) ?? new Set()).add(split));
        missing += [...(columns.get('price')?.values ?? [])].filter((price) => Number.isNaN(price)).length;
        expect(columns.get('row')?.values).toEqual(columns.get(reservedColumns.id)?.values);
      }
      // 50 users, each on one side; a tenth of the prices is missing.
      expect(users.size).toBe(50);
      expect([...users.values()].every((sides) => sides.size === 1)).toBe(true);
      expect(missing).toBe(50);
    } finally {
      await engine.close();
    }
  });

  it('is the same span when the request comes again, and says it again as the same event', async () => {
    await live.add([example(900)]);
    const again = await writeLiveSpan(dependencies, live, request('retrain-1'));
    expect(again?.span).toBe(2);
    for (const end = Date.now() + 5000; ready.length < 2 && Date.now() < end;) await sleep(20);
    await sleep(150);
    expect(ready.map(({ span, retrainId }) => [span, retrainId])).toEqual([
      [1, ''],
      [2, 'retrain-1'],
    ]);
  });

  it('takes the same rows after it was killed on the way, and leaves later ones to the next', async () => {
    await live.add(Array.from({ length: 150 }, (_, row) => example(1000 + row)));
    // As a process would that died after it had claimed them.
    const claimed = await live.claim('retrain-2', model);
    await live.add(Array.from({ length: 200 }, (_, row) => example(2000 + row)));
    const span = await writeLiveSpan(dependencies, live, request('retrain-2'));
    const rows = (span?.trainRows ?? 0) + (span?.validationRows ?? 0) + (span?.testRows ?? 0);
    // Those 150, and the one that came after the first retrain.
    expect(claimed).toHaveLength(151);
    expect(rows).toBe(151);
    const next = await writeLiveSpan(dependencies, live, request('retrain-3'));
    expect((next?.trainRows ?? 0) + (next?.validationRows ?? 0) + (next?.testRows ?? 0)).toBe(200);
  });

  it('makes no span of a handful of rows, and keeps them for the next request', async () => {
    await live.add(Array.from({ length: 60 }, (_, row) => example(3000 + row)));
    expect(await writeLiveSpan(dependencies, live, request('retrain-4'))).toBeUndefined();
    await live.add(Array.from({ length: 60 }, (_, row) => example(3100 + row)));
    const span = await writeLiveSpan(dependencies, live, request('retrain-5'));
    expect((span?.trainRows ?? 0) + (span?.validationRows ?? 0) + (span?.testRows ?? 0)).toBe(120);
  });
});
