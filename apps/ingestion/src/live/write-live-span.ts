import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fetchByManifest, type ManifestFiles, readRoot } from '@adstocrat/artifact-folders';
import { joinUri, readJson } from '@adstocrat/artifact-store';
import type { DataSchema } from '@adstocrat/data-validation';
import { PermanentFailure } from '@adstocrat/event-bus';
import type { DataFile } from '@adstocrat/example-engine';
import { reservedColumns, type SpanManifest, type SpanTable } from '@adstocrat/examples';
import type { Job, JobKind } from '@adstocrat/jobs';
import { readTask } from '@adstocrat/metadata';
import { mergeStatistics } from '@adstocrat/statistics';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { fill } from '../shards/fill-shard.ts';
import { WorkFolder } from '../shards/work-folder.ts';
import { draftSpan } from '../span/draft-span.ts';
import { recordSpan } from '../span/record-span.ts';
import { newestBatchSpan } from '../span/schema-of-day.ts';
import type { SpanColumn } from '../span/span-column.ts';
import { liveImages } from './live-images.ts';
import type { LiveRows, Shard } from './live-rows.ts';
import { liveEngine } from './write-shard.ts';

const Payload = z.object({
  retrainId: z.string(),
  model: z.string(),
  task: z.string(),
  /** When the bus took the request, by its clock: every label said before it belongs to the span. */
  appendedMs: z.number(),
});

/** A retrain request becomes a live span. */
export const liveSpanJob: JobKind<z.infer<typeof Payload>> = {
  name: 'ingestion.live-span',
  parse: (payload) => Payload.parse(payload),
};

/** Fewer labelled rows than this are no span. */
const minRows = 100;
/**
 * Shares of the unit's values. A live span is hours long: by time, the newest behaviour, which a retrain is asked for, would all be
 * held out and none of it learned; by unit, one person's rows still lie on one side.
 */
const shares = { test: 0.2, validation: 0.1 };

/**
 * Answers a retrain request: the model's shards that are in no span become one. Where their rows are too few they wait for the next.
 * `gather` names the shards once every label said before the request is in one.
 */
export async function writeLiveSpan(
  dependencies: IngestDependencies,
  live: LiveRows,
  gather: (model: string, appendedMs: number, signal: AbortSignal) => Promise<readonly Shard[]>,
  job: Job<z.infer<typeof Payload>>,
): Promise<void> {
  const { metadata, store, logger } = dependencies;
  const { retrainId, model, task: taskName, appendedMs } = job.payload;
  const startedAtMs = Date.now();
  const before = await newestBatchSpan(dependencies, taskName);
  if (before === undefined)
    throw new PermanentFailure(`task "${taskName}" has no batch span that a live span could be like`);
  const task = await readTask(metadata, taskName);
  const shards = await gather(model, appendedMs, job.signal);
  const tooFew = async (rows: number): Promise<void> => {
    logger.warn({ task: taskName, retrainId, rows, minRows }, 'too few labelled rows for a live span: they wait');
    await job.finish(() => Promise.resolve({ rows, minRows }));
  };
  const staged = shards.reduce((sum, { rows }) => sum + rows, 0);
  if (staged < minRows) {
    await tooFew(staged);
    return;
  }
  const schema = await readJson<DataSchema>(store, joinUri(before.uri, 'data-schema.json'));
  const manifest = await readRoot<SpanManifest>(store, before.uri, 'span.json', before.digest);
  const workDir = join(dependencies.workDir, `live-span-${job.attempt}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await dependencies.openEngine({ workDir, ...liveEngine, signal: job.signal });
  try {
    const columns: readonly SpanColumn[] = schema.columns
      .filter(({ role }) => role !== 'label')
      .map(({ name, type, table }) => ({ name, type, ...(table === undefined ? {} : { table }) }));
    const read = await engine.readTexts(await fetchShards(dependencies, shards, workDir, job.signal), columns);
    if (read.rows < minRows) {
      await tooFew(read.rows);
      return;
    }
    const { imageBaseUri } = manifest;
    const { table, images } = await liveImages(dependencies, engine, read.table, task, { imageBaseUri, workDir });
    const into = join(workDir, 'part');
    mkdirSync(into);
    const { count, min, max } = await engine.moments(table, reservedColumns.timeMs);
    const { statistics, ...filled } = await fill(
      engine,
      table,
      { split: { by: 'hash', column: task.unit ?? reservedColumns.id, ...shares }, columns },
      into,
      () => undefined,
    );
    const tables = task.data.tables.map((_, index) =>
      readJson<SpanTable>(store, joinUri(before.uri, `tables/${index}.json`)),
    );
    const span = await draftSpan(
      dependencies,
      engine,
      workDir,
      job,
      {
        task,
        kind: 'live',
        inputDigest: `retrain/${retrainId}`,
        parts: [{ folder: new WorkFolder(store, { path: into }, into), filled }],
        statistics: mergeStatistics([statistics]),
        ...(count > 0 && { timeRangeMs: [min, max] as const }),
        // Live rows are written with points; files of the model's rows still are not.
        columns: columns.map((column) => ({ ...column, ...decimalIn(schema, column.name) })),
        labelType: schema.columns.find(({ role }) => role === 'label')?.type ?? 'integer',
        before,
        tables: await Promise.all(tables),
        rejects: [await engine.rejects(read.rejects), ...(images === undefined ? [] : [images.rejects])],
        findings: [],
        known: [],
        rejectedRows: read.rejectedRows,
        images,
        notes: [],
        imageBaseUri,
        personalKey: manifest.personalKey,
      },
      (step, done, total, unit) => {
        job.report({ step, done, total, unit });
      },
    );
    const facts = { rows: read.rows, rejectedRows: read.rejectedRows, shards: shards.length, retrainId };
    await job.finish(async (transaction) => {
      await live.toSpan(shards, span.span, transaction);
      await recordSpan(metadata, transaction, span, {
        inputs: shards.map(({ uri }) => uri),
        facts,
        startedAtMs,
        retrainId,
      });
      return { span: span.span };
    });
    logger.info({ task: taskName, span: span.span, ...facts, ms: Date.now() - startedAtMs }, 'live span written');
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** Copies shards to local disk, each checked. */
async function fetchShards(
  { store }: IngestDependencies,
  shards: readonly Shard[],
  workDir: string,
  signal: AbortSignal,
): Promise<readonly DataFile[]> {
  const files: DataFile[] = [];
  for (const { uri, digest } of shards) {
    signal.throwIfAborted();
    const root = await readRoot<{ readonly files: ManifestFiles; readonly digest: string }>(
      store,
      uri,
      'shard.json',
      digest,
    );
    const paths = await fetchByManifest(store, uri, root.files, join(workDir, 'shards', String(files.length)));
    files.push(...paths.map((path) => ({ path, name: uri })));
  }
  return files;
}

function decimalIn(schema: DataSchema, name: string): Pick<SpanColumn, 'decimal'> {
  const decimal = schema.columns.find((column) => column.name === name)?.decimal;
  return decimal === undefined ? {} : { decimal };
}
