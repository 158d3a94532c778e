import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactInfo } from '@adstocrat/artifact-store';
import type { DataFile, ExampleEngine, Rejects, Relation, ScanResult } from '@adstocrat/example-engine';
import { reservedColumns } from '@adstocrat/examples';
import type { Job } from '@adstocrat/jobs';
import { InvalidRequest, type PersonalKey } from '@adstocrat/service-kit';
import type { Task } from '@adstocrat/tasks';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { planSpan, type SpanPlan } from '../plan/plan-span.ts';
import { planSplit, timeProbabilities } from '../plan/plan-split.ts';
import type { SpanFacts } from '../plan/span-facts.ts';
import { scanOptions } from '../plan/scan-options.ts';
import { checkTolerated } from '../plan/tolerated.ts';
import { draftSpan, type OnProgress } from '../span/draft-span.ts';
import { readTable } from '../span/read-table.ts';
import { recordSpan } from '../span/record-span.ts';
import { batchSpans } from '../span/schema-of-day.ts';
import { takeImages } from '../span/take-images.ts';
import { downloadInput } from './download-input.ts';
import { findInput, type IngestRequest, type Input } from './find-input.ts';
import { taskRecord } from './task-record.ts';

/** Values of a label that are looked at. A label has two. */
const labelValues = 1000;
/** Spans before the last whose columns are looked at. */
const comparedSpans = 10;

/**
 * Takes the task's data into a span, recorded with the job's end. Throws {@link InvalidRequest} where the task or its data is wrong
 * or no longer what was asked for, and BadData where a file is: nothing is left behind then.
 */
export async function writeBatchSpan(
  dependencies: IngestDependencies,
  request: IngestRequest & { readonly inputDigest: string },
  job: Pick<Job<unknown>, 'attempt' | 'signal' | 'report' | 'output' | 'finish'>,
): Promise<void> {
  const { metadata, logger } = dependencies;
  const startedAtMs = Date.now();
  const onProgress: OnProgress = (step, done, total, unit, rows) => {
    job.signal.throwIfAborted();
    job.report({ step, done, total, unit, ...(rows === undefined ? {} : { rows }) });
  };
  onProgress('list', 0, 0, 'files');
  const input = await findInput(dependencies, request);
  if (input.inputDigest !== request.inputDigest)
    throw new InvalidRequest(
      `the data under ${request.dataUri}, or the key of personal columns, changed after it was asked for: ask again`,
    );
  const workDir = join(dependencies.workDir, `batch-${job.attempt}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await dependencies.openEngine({ workDir, signal: job.signal });
  try {
    const local = await downloadInput(input, workDir, dependencies.held, onProgress);
    const { examples, tables } = await scanFiles(engine, input, local, onProgress);
    onProgress('type', 0, 0, 'rows', examples.rows);
    const plan = planSpan(input.task, await factsOf(engine, input.task.label, examples, tables));
    const { task } = plan;
    const typed = await typeRows(engine, plan, examples, tables, input.personalKey);
    const split = planSplit(
      task,
      plan.time === undefined ? [] : await engine.quantiles(typed.table, reservedColumns.timeMs, timeProbabilities),
    );
    const images = await imagesOf(dependencies, engine, input, typed.table, task, onProgress);
    const aside = await engine.rejects([...images.rejects, ...input.leftOut]);
    const rejectedRows = typed.rejects.reduce((sum, { rows }) => sum + rows, 0);
    const earlier = await batchSpans(dependencies, task.name);
    const span = await draftSpan(
      dependencies,
      engine,
      workDir,
      job,
      {
        task,
        kind: 'batch',
        inputDigest: input.inputDigest,
        rows: images.table,
        split: split.rule,
        timeRangeMs: split.timeRangeMs,
        columns: plan.columns,
        labelType: plan.labelType,
        before: earlier.at(-1),
        known: earlier.slice(-1 - comparedSpans, -1),
        tables: await Array.fromAsync(tables, ({ scan, path, key }, index) =>
          readTable(
            engine,
            scan.table,
            plan.columns.filter(({ table }) => table === index),
            path,
            key,
          ),
        ),
        rejects: [...typed.rejects, aside],
        rejectedRows,
        images: images.digests,
        rejectedImages: images.rejects.length,
        imageBaseUri: input.imageBaseUri,
        personalKey: input.personalKey?.id,
        notes: [...input.notes, ...plan.notes, ...split.notes],
        told: plan.told,
        guesses: plan.guesses,
        findings: [...plan.findings, ...split.findings],
      },
      onProgress,
    );
    const facts = { rows: typed.rows, rejectedRows };
    await job.finish(async (transaction) => {
      await metadata.putTask(taskRecord(request, task), transaction);
      const inputs = input.files.map(({ uri }) => uri);
      await recordSpan(metadata, transaction, span, { inputs, facts, startedAtMs });
      return { span: span.span };
    });
    logger.info({ task: task.name, span: span.span, ...facts, ms: Date.now() - startedAtMs }, 'span written');
  } finally {
    await engine.close();
    rmSync(workDir, { recursive: true, force: true });
  }
}

/** Scans the files: every column is text, and facts are known of it. */
async function scanFiles(
  engine: ExampleEngine,
  { task, files, tables }: Input,
  local: ReadonlyMap<string, string>,
  onProgress: OnProgress,
): Promise<{ readonly examples: ScanResult; readonly tables: readonly ScannedKeyTable[] }> {
  const data = (list: readonly ArtifactInfo[]): readonly DataFile[] =>
    list.map(({ uri }) => ({ path: local.get(uri) ?? '', name: uri }));
  const { tolerate } = task.data;
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  onProgress('scan', 0, total, 'bytes', 0);
  const examples = await engine.scan(data(files), {
    ...scanOptions(task),
    onProgress: ({ bytes, rows }) => {
      onProgress('scan', bytes, total, 'bytes', rows);
    },
  });
  const scanned: ScannedKeyTable[] = [];
  for (const [index, { path, key }] of task.data.tables.entries()) {
    // A table may be of another kind than the examples.
    const { kind: _, ...options } = scanOptions(task);
    const scan = await engine.scan(data(tables[index] ?? []), options);
    checkTolerated(path, scan.rows, [scan.rejects], tolerate);
    scanned.push({ scan, path, key });
  }
  return { examples, tables: scanned };
}

interface ScannedKeyTable {
  readonly scan: ScanResult;
  readonly path: string;
  readonly key: string;
}

/** Facts of scanned files, which {@link planSpan} decides by. */
async function factsOf(
  engine: ExampleEngine,
  label: string,
  examples: ScanResult,
  tables: readonly ScannedKeyTable[],
): Promise<SpanFacts> {
  const labelled = examples.columns.some(({ name }) => name === label);
  const { rows, columns, files } = examples;
  return {
    rows,
    columns,
    files,
    tables: tables.map(({ scan, key }) => ({ key, columns: scan.columns })),
    labels: labelled
      ? await engine.vocabulary(examples.table, label, { limit: labelValues })
      : { terms: [], distinct: 0 },
  };
}

/** Joins the tables and types the rows as planned. */
async function typeRows(
  engine: ExampleEngine,
  plan: SpanPlan,
  examples: ScanResult,
  tables: readonly ScannedKeyTable[],
  personalKey: PersonalKey | undefined,
): Promise<{ readonly table: Relation; readonly rows: number; readonly rejects: readonly Rejects[] }> {
  let relation = examples.table;
  for (const { scan, key } of tables) relation = await engine.join(relation, scan.table, key);
  const { columns, label, time, task } = plan;
  const prepared = await engine.prepare(relation, {
    columns,
    label,
    ...(task.id === undefined ? {} : { id: task.id }),
    ...(time === undefined ? {} : { eventTime: time }),
    ...(personalKey === undefined ? {} : { personalKey }),
  });
  checkTolerated('the examples', prepared.rows, [examples.rejects, prepared.rejects], task.data.tolerate);
  return {
    table: prepared.table,
    rows: prepared.rows,
    rejects: [examples.rejects, prepared.rejects, ...tables.map(({ scan }) => scan.rejects)],
  };
}

async function imagesOf(
  { store, artifactsUrl }: IngestDependencies,
  engine: ExampleEngine,
  { source, imageBaseUri }: Input,
  table: Relation,
  task: Task,
  onProgress: OnProgress,
) {
  if (task.image === undefined || imageBaseUri === undefined) return { table, digests: new Map(), rejects: [] };
  const values = await engine.distinct(table, task.image.column);
  const { digests, rejects } = await takeImages({
    source,
    sink: store,
    artifactsUrl,
    values,
    baseUri: imageBaseUri,
    onProgress: (done) => {
      onProgress('images', done, values.length, 'images');
    },
  });
  return { table: await engine.withImages(table, task.image.column, digests), digests, rejects };
}
