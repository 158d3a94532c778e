import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { downloadArtifact } from '@adstocrat/artifact-folders';
import { type ArtifactInfo, ArtifactNotFound } from '@adstocrat/artifact-store';
import type { CsvFile, ExampleEngine, Reject, Relation, ScanResult, SplitRule } from '@adstocrat/example-engine';
import { reservedColumns } from '@adstocrat/examples';
import type { Job } from '@adstocrat/jobs';
import { InvalidRequest } from '@adstocrat/service-kit';
import { parseDurationMs, parseShare, type Task, taskYaml } from '@adstocrat/tasks';
import { checkColumns, checkLabel, checkPersonal } from '../data/check-columns.ts';
import { checkNames } from '../data/check-names.ts';
import { resolveTask } from '../data/resolve-task.ts';
import type { IngestDependencies } from '../ingest-dependencies.ts';
import { spanColumns } from '../span/describe-columns.ts';
import { draftSpan, type OnProgress } from '../span/draft-span.ts';
import { readTable } from '../span/read-table.ts';
import { recordSpan } from '../span/record-span.ts';
import { newestBatchSpan } from '../span/schema-of-day.ts';
import { takeImages } from '../span/take-images.ts';
import { findInput, type IngestRequest, type Input } from './find-input.ts';

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
  const onProgress: OnProgress = (step, done, total, unit) => {
    job.signal.throwIfAborted();
    job.report({ step, done, total, unit });
  };
  onProgress('list', 0, 0, 'files');
  const input = await findInput(dependencies, request);
  if (input.inputDigest !== request.inputDigest)
    throw new InvalidRequest(`the data under ${request.dataUri} changed after it was asked for: ask again`);
  const workDir = join(dependencies.workDir, `batch-${job.attempt}`);
  mkdirSync(workDir, { recursive: true });
  const engine = await dependencies.openEngine({ workDir, signal: job.signal });
  try {
    const read = await readRows(engine, input, workDir, onProgress);
    const { task, rejects, columns } = read;
    const rejectedRows = rejects.length;
    const images = await imagesOf(dependencies, engine, input, read.rows, task, onProgress);
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
        split: await splitRule(engine, images.table, task),
        columns,
        labelType: read.labelType,
        before: await newestBatchSpan(dependencies, task.name),
        tables: await Array.fromAsync(read.tables, ({ scan, path, key }) => readTable(engine, scan, path, key)),
        rejects: [...rejects, ...images.rejects, ...input.leftOut],
        rejectedRows,
        images: images.digests,
        rejectedImages: images.rejects.length,
        imageBaseUri: input.imageBaseUri,
        notes: input.notes,
      },
      onProgress,
    );
    const facts = { rows: read.rowCount, rejectedRows };
    await job.finish(async (transaction) => {
      const { taskYaml: yaml, dataUri } = request;
      const now = Date.now();
      const record = { name: task.name, yaml, resolvedYaml: taskYaml(task), dataUri, updatedAtMs: now };
      await metadata.putTask(record, transaction);
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

/** Scans, checks, joins and types the rows. */
async function readRows(engine: ExampleEngine, input: Input, workDir: string, onProgress: OnProgress) {
  const { task } = input;
  const local = await download(input, workDir, onProgress);
  const csv = (list: readonly ArtifactInfo[]): readonly CsvFile[] =>
    list.map(({ uri }) => ({ path: local.get(uri) ?? '', name: uri }));
  onProgress('scan', 0, 0, 'rows');
  const scan = await engine.scanCsv(csv(input.files));
  const tables: { readonly scan: ScanResult; readonly path: string; readonly key: string }[] = [];
  for (const [index, { path, key }] of task.data.tables.entries())
    tables.push({ scan: await engine.scanCsv(csv(input.tables[index] ?? [])), path, key });
  onProgress('scan', scan.rows, scan.rows, 'rows');
  const columns = spanColumns(
    scan.columns,
    tables.map((table) => table.scan.columns),
    tables.map(({ key }) => key),
    task,
  );
  checkColumns(
    task,
    columns.map(({ name }) => name),
  );
  checkNames(
    task,
    columns.map(({ name }) => name),
  );
  checkPersonal(task, new Set(columns.filter(({ table }) => table !== undefined).map(({ name }) => name)));
  const labelFacts = scan.columns.find(({ name }) => name === task.label);
  if (labelFacts === undefined)
    throw new InvalidRequest(`label: "${task.label}" must be a column of the examples, not of a table`);
  const labels = await engine.vocabulary(scan.table, task.label, { limit: 20 });
  checkLabel(task.label, labels.terms, labelFacts, scan.rows);
  const resolved = resolveTask(task, scan.columns, scan.rows);
  let relation = scan.table;
  for (const table of tables) relation = await engine.join(relation, table.scan.table, table.key);
  const raw = columns.filter(({ name }) => name !== task.label && task.personal[name] !== 'drop');
  const hashed = new Set(raw.map(({ name }) => name).filter((name) => task.personal[name] === 'hash'));
  const isText = (name: string): boolean => name === resolved.id || name === resolved.eventTime;
  const prepared = await engine.prepare(relation, {
    types: new Map(raw.map(({ name, type }) => [name, isText(name) ? 'string' : type])),
    label: task.label,
    hashed,
    ...(resolved.id === undefined ? {} : { id: resolved.id }),
    ...(resolved.eventTime === undefined ? {} : { eventTime: resolved.eventTime }),
  });
  const rejects: Reject[] = [scan, ...tables.map((table) => table.scan), prepared].flatMap((one) => one.rejects);
  const [first] = rejects;
  if (prepared.rows === 0)
    throw new InvalidRequest(
      `no row has a usable label${first === undefined ? '' : `; the first: ${first.file}:${first.line}: ${first.reason}`}`,
    );
  return {
    task: resolved,
    rows: prepared.table,
    rowCount: prepared.rows,
    labelType: labelFacts.inferred,
    columns: raw.map((column) =>
      isText(column.name) || hashed.has(column.name) ? { ...column, type: 'string' as const } : column,
    ),
    tables,
    rejects,
  };
}

async function download(
  { source, baseUri, files, tables }: Input,
  workDir: string,
  onProgress: OnProgress,
): Promise<ReadonlyMap<string, string>> {
  const objects = [...files, ...tables.flat()];
  const total = objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const local = new Map<string, string>();
  let done = 0;
  for (const [index, { uri, generation }] of objects.entries()) {
    const path = join(workDir, `${index}${/\.gz$/i.test(uri) ? '.csv.gz' : '.csv'}`);
    const onBytes = (bytes: number): void => {
      done += bytes;
      onProgress('download', done, total, 'bytes');
    };
    try {
      // The generation that was listed: what is replaced meanwhile is an error, not a mixture.
      await downloadArtifact(source, uri, path, { generation, within: baseUri, onBytes });
    } catch (error) {
      if (error instanceof ArtifactNotFound)
        throw new InvalidRequest(`${uri} changed while it was read: ask again`, { cause: error });
      throw error;
    }
    local.set(uri, path);
  }
  return local;
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

/** By time where there is an event time: without sizes, the newest fifth of the time is test, the eighth before it validation. */
async function splitRule(engine: ExampleEngine, table: Relation, task: Task): Promise<SplitRule> {
  if (task.split?.by === 'time') {
    if (task.eventTime === undefined) throw new InvalidRequest('split: by time needs an eventTime');
    return {
      by: 'time',
      testMs: parseDurationMs(task.split.test),
      validationMs: parseDurationMs(task.split.validation),
    };
  }
  if (task.split?.by === 'hash' || task.eventTime === undefined) {
    const { test = '20%', validation = '10%' } = task.split?.by === 'hash' ? task.split : {};
    return {
      by: 'hash',
      column: task.unit ?? reservedColumns.id,
      test: parseShare(test),
      validation: parseShare(validation),
    };
  }
  const { min, max } = await engine.moments(table, reservedColumns.timeMs);
  return { by: 'time', testMs: (max - min) * 0.2, validationMs: (max - min) * 0.125 };
}
