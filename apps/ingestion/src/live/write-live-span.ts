import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openArtifactStore, openExampleEngine } from '@adstocrat/adapters';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import type { ExampleEngine, Reject, Relation } from '@adstocrat/example-engine';
import { reservedColumns, type SpanManifest, type SpanTable } from '@adstocrat/examples';
import type { SpanRecord } from '@adstocrat/metadata';
import type { events } from '@adstocrat/schemas';
import type { SpanStatistics } from '@adstocrat/statistics';
import { parseTask, type Task } from '@adstocrat/tasks';
import { type IngestDependencies, publishReady } from '../ingest-span.ts';
import { describeRows, inferSchema, type SpanColumn } from '../span/describe-columns.ts';
import { findAnomalies } from '../span/find-anomalies.ts';
import { takeImages } from '../span/take-images.ts';
import { writeSpan } from '../span/write-span.ts';
import { liveBatch } from './live-batch.ts';
import type { LiveExamples } from './live-examples.ts';

/** Fewer labelled rows than this are no span. */
const minRows = 100;
/**
 * Shares of the unit's values. A live span is hours long: by time, the newest behaviour, which a retrain is asked for, would all be
 * held out and none of it learned; by unit, one person's rows still lie on one side.
 */
const shares = { test: 0.2, validation: 0.1 };

/**
 * Answers a retrain request: the labelled live examples since the last one become a span, which is said as ready with the request's
 * id. Asked again (delivered twice, or killed on the way) it is the same span. Undefined where the examples are too few.
 */
export async function writeLiveSpan(
  dependencies: IngestDependencies,
  live: LiveExamples,
  { retrainId, model, task: taskName }: Pick<events.RetrainRequested, 'retrainId' | 'model' | 'task'>,
): Promise<SpanRecord | undefined> {
  const { metadata, artifacts, artifactsUrl, bus, logger } = dependencies;
  const startedAtMs = Date.now();
  const inputDigest = `retrain/${retrainId}`;
  const known = await metadata.findSpan(taskName, inputDigest);
  if (known !== undefined) {
    await publishReady(bus, known, retrainId);
    return known;
  }
  const record = await metadata.getTask(taskName);
  const batchSpan = (await metadata.listSpans(taskName)).filter(({ kind, ready }) => kind === 'batch' && ready).at(-1);
  if (record === undefined || batchSpan === undefined)
    throw new RangeError(`task "${taskName}" has no batch span that a live span could be like`);
  const task = parseTask(record.resolvedYaml, `task "${taskName}"`);
  const examples = await live.claim(retrainId, model);
  if (examples.length < minRows) {
    await live.giveBack(retrainId);
    logger.warn({ task: taskName, retrainId, rows: examples.length, minRows }, 'too few labelled rows for a live span');
    return undefined;
  }
  const schema = await readJson<DataSchema>(artifacts, joinUri(batchSpan.uri, 'data-schema.json'));
  const manifest = await readJson<SpanManifest>(artifacts, joinUri(batchSpan.uri, 'span.json'));
  const workDir = join(dependencies.workDir, `live-${randomUUID()}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await openExampleEngine({ workDir });
  try {
    const raw = await engine.fromBatch(liveBatch(examples, schema));
    const { table, digests, rejects } = await withImages(dependencies, engine, raw, task, manifest);
    const parts = await engine.split(table, { by: 'hash', column: task.unit ?? reservedColumns.id, ...shares });
    const columns: readonly SpanColumn[] = schema.columns
      .filter(({ role }) => role !== 'label')
      .map(({ name, type, table: index }) => ({ name, type, ...(index === undefined ? {} : { table: index }) }));
    const statistics = await describeRows(
      engine,
      parts.train,
      columns,
      await engine.positives(parts.train),
      () => undefined,
    );
    const labelType = schema.columns.find(({ role }) => role === 'label')?.type ?? 'integer';
    const liveSchema = inferSchema(statistics, columns, task, labelType);
    const before = {
      schema,
      statistics: await readJson<SpanStatistics>(artifacts, joinUri(batchSpan.uri, 'statistics.json')),
    };
    const anomalies = findAnomalies(before, { schema: liveSchema, statistics });
    const span = await metadata.reserveSpan(taskName, inputDigest);
    const uri = joinUri(artifactsUrl, 'spans', taskName, String(span));
    const tables = await Promise.all(
      task.data.tables.map((_, index) =>
        readJson<SpanTable>(artifacts, joinUri(batchSpan.uri, `tables/${index}.json`)),
      ),
    );
    const times = await engine.moments(table, reservedColumns.timeMs);
    const messages = anomalies.map(({ message }) => message);
    const written = await writeSpan(engine, artifacts, uri, workDir, {
      parts,
      statistics,
      schema: liveSchema,
      anomalies: messages,
      rejects,
      images: digests,
      tables,
      rejectedRows: 0,
      rejectedImages: rejects.length,
      head: {
        task: taskName,
        span,
        kind: 'live',
        inputDigest,
        timeRangeMs: [times.min, times.max],
        ...(manifest.imageBaseUri === undefined ? {} : { imageBaseUri: manifest.imageBaseUri }),
      },
    });
    const made: SpanRecord = {
      task: taskName,
      span,
      kind: 'live',
      uri,
      digest: written.digest,
      inputDigest,
      trainRows: written.rows.train,
      validationRows: written.rows.validation,
      testRows: written.rows.test,
      rejectedRows: 0,
      images: written.images,
      rejectedImages: written.rejectedImages,
      anomalies: messages,
      // A live span that lacks a column is still what was served: the model must learn to live with it.
      ready: true,
      createdAtMs: Date.now(),
    };
    await metadata.putSpan(made);
    await metadata.putExecution({
      id: `ingest/${taskName}/${span}`,
      kind: 'ingest',
      inputDigest,
      inputs: [inputDigest],
      outputs: [uri],
      state: 'succeeded',
      facts: { rows: examples.length, retrainId },
      startedAtMs,
      endedAtMs: Date.now(),
    });
    await publishReady(bus, made, retrainId);
    await live.forget(retrainId);
    logger.info(
      { task: taskName, span, rows: examples.length, retrainId, ms: Date.now() - startedAtMs },
      'live span written',
    );
    return made;
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** Images that the batch span knows by name are taken from there; others are fetched from where its images came from. */
async function withImages(
  { metadata, artifacts, artifactsUrl }: IngestDependencies,
  engine: ExampleEngine,
  table: Relation,
  task: Task,
  batch: SpanManifest,
): Promise<{
  readonly table: Relation;
  readonly digests: ReadonlyMap<string, string>;
  readonly rejects: readonly Reject[];
}> {
  if (task.image === undefined || batch.imageBaseUri === undefined) return { table, digests: new Map(), rejects: [] };
  const values = await engine.distinct(table, task.image.column);
  const known = new Map<string, string>();
  for (const { uri } of await metadata.listSpans(task.name)) {
    const images = await readJson<Record<string, string>>(artifacts, joinUri(uri, 'images.json'));
    for (const [value, digest] of Object.entries(images)) known.set(value, digest);
  }
  const taken = await takeImages({
    source: await openArtifactStore(batch.imageBaseUri),
    sink: artifacts,
    artifactsUrl,
    baseUri: batch.imageBaseUri,
    values: values.filter((value) => !known.has(value)),
    onProgress: () => undefined,
  });
  const own = values.flatMap((value) => {
    const digest = known.get(value) ?? taken.digests.get(value);
    return digest === undefined ? [] : [[value, digest] as const];
  });
  const digests = new Map(own);
  return { table: await engine.withImages(table, task.image.column, digests), digests, rejects: taken.rejects };
}
